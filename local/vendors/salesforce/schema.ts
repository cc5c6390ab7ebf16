/** A record as the simulator stores it: API field names to values; missing means null. */
export type Row = Readonly<Record<string, string | number | boolean | null>> & { readonly Id: string };

export type ObjectName = 'Account' | 'User' | 'SBQQ__Quote__c' | 'SBQQ__QuoteLine__c';

interface ObjectSchema {
  readonly fields: ReadonlySet<string>;
  /** Fields that may be written over the REST API here, and of those with a text its length. */
  readonly writable: Readonly<Record<string, number | undefined>>;
  /** Relationship name -> the lookup field and the object to which it leads. */
  readonly parents: Readonly<Record<string, { field: string; object: ObjectName }>>;
}

/** The custom fields that the write-back asks for (docs/write-back.md). */
const WRITE_BACK = {
  QB_Order_Key__c: 20,
  QB_Revision__c: undefined,
  QB_Sequence__c: undefined,
  QB_State__c: 20,
  QB_ERP_Order__c: 128,
  QB_Waiting_Code__c: 40,
  QB_Waiting_Reason__c: 255,
  QB_Waiting_Due__c: undefined,
  QB_As_Of__c: undefined,
};

const SYSTEM = ['Id', 'Name', 'IsDeleted', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp'];

/**
 * The part of an organisation with Salesforce CPQ (managed package, prefix SBQQ) that the simulator knows. Fields without prefix
 * that end in `__c` are custom fields which the integration asks for; the table is in the connector's map.ts.
 */
export const SCHEMA: Readonly<Record<ObjectName, ObjectSchema>> = {
  Account: { fields: new Set([...SYSTEM, 'AccountNumber', 'BillingCountry', 'ShippingCountry']), writable: {}, parents: {} },
  User: { fields: new Set([...SYSTEM, 'Username']), writable: {}, parents: {} },
  SBQQ__Quote__c: {
    fields: new Set([
      ...SYSTEM,
      'CurrencyIsoCode',
      'SBQQ__Account__c',
      'SBQQ__Status__c',
      'SBQQ__Primary__c',
      'SBQQ__NetAmount__c',
      'SBQQ__PaymentTerms__c',
      'SBQQ__SalesRep__c',
      'SBQQ__ShippingName__c',
      'SBQQ__ShippingStreet__c',
      'SBQQ__ShippingCity__c',
      'SBQQ__ShippingState__c',
      'SBQQ__ShippingPostalCode__c',
      'SBQQ__ShippingCountry__c',
      'Revision__c',
      'Carrier__c',
      'Freight__c',
      'RequestedDate__c',
      'Channel__c',
      'Region__c',
      'BusinessUnit__c',
      ...Object.keys(WRITE_BACK),
    ]),
    writable: WRITE_BACK,
    parents: {
      SBQQ__Account__r: { field: 'SBQQ__Account__c', object: 'Account' },
      SBQQ__SalesRep__r: { field: 'SBQQ__SalesRep__c', object: 'User' },
    },
  },
  SBQQ__QuoteLine__c: {
    fields: new Set([
      ...SYSTEM,
      'SBQQ__Quote__c',
      'SBQQ__Number__c',
      'SBQQ__ProductCode__c',
      'SBQQ__ProductName__c',
      'SBQQ__Quantity__c',
      'SBQQ__ListPrice__c',
      'SBQQ__NetPrice__c',
      'SBQQ__NetTotal__c',
      'SBQQ__ChargeType__c',
      'SBQQ__Optional__c',
      'SBQQ__ProductFamily__c',
      'SBQQ__UnitCost__c',
    ]),
    writable: {},
    parents: { SBQQ__Quote__r: { field: 'SBQQ__Quote__c', object: 'SBQQ__Quote__c' } },
  },
};

export const isObject = (name: string): name is ObjectName => Object.hasOwn(SCHEMA, name);
