import { hashOf } from '../../../lambdas/domain/identity.ts';
import { sum } from '../../../lambdas/domain/money.ts';
import type { NorthwindQuote } from '../../northwind/quotes.ts';
import { PREFIX, recordId } from './ids.ts';
import type { Row } from './schema.ts';
import type { Records } from './store.ts';

/** Salesforce's status of a quote. The values are the standard picklist of SBQQ__Status__c, and two that an administrator added. */
type QuoteStatus = 'Draft' | 'In Review' | 'Approved' | 'Denied' | 'Presented' | 'Accepted' | 'Rejected' | 'Expired' | 'Withdrawn';

export interface RecordOptions {
  readonly status?: QuoteStatus;
  readonly region?: string;
  readonly businessUnit?: string;
}

/** People type country names into Salesforce's address fields, so the records hold names and not codes. */
const countryNames = new Intl.DisplayNames('en', { type: 'region' });

/** The record id of an account. It hangs on its number alone: several processes put records, and none may put its account over another's. */
const accountId = (account: string): string => recordId(PREFIX.Account, Number.parseInt(hashOf(account).slice(0, 12), 16) % 1_000_000_000);

function quoteRow({ header, content }: NorthwindQuote, { status = 'Accepted', region, businessUnit }: RecordOptions): Row {
  const shipTo = content.parties.find((party) => party.role === 'ship-to');
  const address = shipTo?.address;
  return {
    Id: header.id,
    Name: header.number ?? '',
    CurrencyIsoCode: header.currency,
    SBQQ__Account__c: accountId(content.parties[0]?.customer ?? ''),
    SBQQ__Status__c: status,
    SBQQ__Primary__c: true,
    SBQQ__NetAmount__c: Number(sum(content.lines.map((line) => line.amount))),
    SBQQ__ShippingName__c: shipTo?.name ?? null,
    SBQQ__ShippingStreet__c: address?.street ?? null,
    SBQQ__ShippingCity__c: address?.city ?? null,
    SBQQ__ShippingState__c: address?.subdivision ?? null,
    SBQQ__ShippingPostalCode__c: address?.postalCode ?? null,
    SBQQ__ShippingCountry__c: address === undefined ? null : (countryNames.of(address.country) ?? null),
    Revision__c: header.revision,
    Carrier__c: content.shipping.carrier ?? null,
    Freight__c: Number(content.shipping.freight),
    RequestedDate__c: content.shipping.requestedDate ?? null,
    Channel__c: content.channel,
    Region__c: region ?? null,
    BusinessUnit__c: businessUnit ?? null,
  };
}

const lineRows = ({ header, content }: NorthwindQuote): Row[] =>
  content.lines.map((line, at) => ({
    Id: line.id,
    Name: `QL-${line.id.slice(10, 15)}`,
    SBQQ__Quote__c: header.id,
    SBQQ__Number__c: at + 1,
    SBQQ__ProductCode__c: line.product,
    SBQQ__ProductName__c: line.description ?? null,
    SBQQ__Quantity__c: Number(line.quantity),
    SBQQ__ListPrice__c: Number(line.listPrice),
    SBQQ__NetPrice__c: Number(line.netPrice),
    SBQQ__NetTotal__c: Number(line.amount),
    SBQQ__ChargeType__c: line.charge === 'recurring' ? 'Recurring' : 'One-Time',
    SBQQ__Optional__c: false,
  }));

/** Northwind quotes as records of Salesforce CPQ: accounts, quotes and quote lines. */
export function records(quotes: readonly NorthwindQuote[], options: RecordOptions = {}): Records {
  const accounts = new Map<string, Row>();
  for (const { content } of quotes) {
    const soldTo = content.parties.find((party) => party.role === 'sold-to');
    if (soldTo !== undefined) {
      accounts.set(soldTo.customer, { Id: accountId(soldTo.customer), Name: soldTo.name ?? soldTo.customer, AccountNumber: soldTo.customer });
    }
  }
  return {
    Account: [...accounts.values()],
    SBQQ__Quote__c: quotes.map((quote) => quoteRow(quote, options)),
    SBQQ__QuoteLine__c: quotes.flatMap(lineRows),
  };
}
