"""Fills a fresh Tryton database with the master data of the sample company.

Usage: seed.py CONFIG DATABASE DATA, while no server runs on the database. DATA is a JSON file that prepare.ts writes (seed-data.ts), so
that the ERP, the CPQ simulator and the tax table are made from one source. Each line on standard output is progress: {"text", "fraction"}.
"""

import datetime as dt
import json
import sys
from decimal import Decimal

from accounting import create_accounts, create_fiscal_years, create_payment, create_taxes
from proteus import Model, Wizard, config

STEPS = 9
RATES_SINCE = dt.date(2000, 1, 1)


def progress(step, text):
    print(json.dumps({'text': text, 'fraction': step / STEPS}), flush=True)


def create_currencies(data):
    """A rate is the number of units of that currency for one of the company's currency, which itself needs a rate of 1."""
    Currency = Model.get('currency.currency')
    currencies = {}
    for item in data:
        currency = Currency(name=item['name'], code=item['code'], symbol=item['symbol'], numeric_code=item['numeric'])
        currency.rounding, currency.digits = Decimal('0.01'), 2
        currency.rates.new(date=RATES_SINCE, rate=Decimal(item['rate']))
        currencies[item['code']] = currency
    Currency.save(list(currencies.values()))
    return currencies


def create_countries(codes):
    Country = Model.get('country.country')
    countries = {code: Country(name=name, code=code) for code, name in codes.items()}
    Country.save(list(countries.values()))
    return countries


def create_company(data, currency, country):
    party = Model.get('party.party')(name=data['name'], code=data['code'])
    address = party.addresses[0]
    address.street, address.postal_code, address.city, address.country = data['street'], data['postalCode'], data['city'], country
    party.save()
    wizard = Wizard('company.company.config')
    wizard.execute('company')
    wizard.form.party, wizard.form.currency, wizard.form.timezone = party, currency, 'UTC'
    wizard.execute('add')
    cfg = config.get_config()
    cfg._context = Model.get('res.user').get_preferences(True, {})
    company, = Model.get('company.company').find([])
    return company


def create_products(data, accounts, tax):
    """The products and FREIGHT, a service that carries the freight of a sale. Products sell by the unit in the company's currency."""
    Template, Product = Model.get('product.template'), Model.get('product.product')
    category = Model.get('product.category')(name='Standard rated', accounting=True)
    category.account_expense, category.account_revenue = accounts['expense'], accounts['revenue']
    category.customer_taxes.append(tax)
    category.save()
    unit, = Model.get('product.uom').find([('name', '=', 'Unit')])

    def template(kind, code, name, price):
        new = Template(name=name, type=kind, default_uom=unit, salable=True, sale_uom=unit, list_price=Decimal(price), account_category=category)
        new.products[0].suffix_code = code
        return new

    freight = template('service', 'FREIGHT', 'Freight', '0')
    Template.save([template('goods', item['code'], item['name'], item['listPrice']) for item in data] + [freight])
    inactive = [item['code'] for item in data if not item['active']]
    for product in Product.find([('code', 'in', inactive)]):
        product.template.active = False
        product.template.save()
    configuration = Model.get('product.configuration')(1)
    configuration.default_lead_time = dt.timedelta(0)  # without it a sale has no shipping date
    configuration.save()
    return Product.find([('code', '=', 'FREIGHT')])[0]


def create_carriers(data, freight):
    """Tryton's carrier has no code of its own: its party's code names it."""
    Party, Carrier = Model.get('party.party'), Model.get('carrier')
    parties = [Party(name=item['name'], code=item['code']) for item in data]
    Party.save(parties)
    Carrier.save([Carrier(party=party, carrier_product=freight) for party in parties])


def create_customers(data, countries, currencies, term, rule_of):
    Party = Model.get('party.party')

    def party(item):
        new = Party(name=item['name'], code=item['code'])
        new.customer_payment_term, new.customer_currency = term, currencies[item['currency']]
        new.customer_tax_rule = rule_of(item['country'])
        address = new.addresses[0]
        address.street, address.city, address.postal_code = item['street'], item['city'], item.get('postalCode')
        address.country = countries[item['country']]
        address.invoice = address.delivery = True
        return new

    Party.save([party(item) for item in data])
    inactive = Party.find([('code', 'in', [item['code'] for item in data if not item['active']])])
    for blocked in inactive:
        blocked.active = False
    Party.save(inactive)


def configure_sales():
    """A confirmed sale makes its invoice and its shipment at once; freight comes with the quote and is not computed here."""
    configuration = Model.get('sale.configuration')(1)
    configuration.sale_invoice_method = configuration.sale_shipment_method = 'order'
    configuration.sale_process_after = configuration.sale_shipment_cost_method = None
    configuration.save()


def create_users(data, company):
    """The group Order processing may press `process` on a sale that got stuck, without the other rights of a sales administrator."""
    User, Group = Model.get('res.user'), Model.get('res.group')
    processing = Group(name='Order processing')
    processing.save()
    button, = Model.get('ir.model.button').find([('model', '=', 'sale.sale'), ('name', '=', 'process')])
    button.groups.append(processing)
    button.save()
    for item in data:
        user = User(name=item['name'], login=item['login'], password=item['password'])
        user.companies.append(type(company)(company.id))
        user.company = company
        user.groups.extend(Group.find([('name', 'in', item['groups'])]))
        user.save()


def main(config_file, database, data_file):
    with open(data_file, encoding='utf-8') as file:
        data = json.load(file)
    config.set_trytond(database, user='admin', config_file=config_file)
    progress(0, 'currencies and countries')
    currencies = create_currencies(data['currencies'])
    countries = create_countries(data['countries'])
    progress(1, 'company')
    company = create_company(data['company'], currencies['USD'], countries[data['vat']['sellerCountry']])
    progress(2, 'chart of accounts')
    accounts = create_accounts(company)
    progress(3, 'fiscal years')
    create_fiscal_years(company, data['years'])
    progress(4, 'payment terms and taxes')
    term = create_payment(accounts)
    tax, rule_of = create_taxes(data['vat'], accounts['tax'])
    progress(5, f"{len(data['products'])} products")
    freight = create_products(data['products'], accounts, tax)
    progress(6, f"{len(data['carriers'])} carriers")
    create_carriers(data['carriers'], freight)
    configure_sales()
    progress(7, f"{len(data['customers'])} customers")
    create_customers(data['customers'], countries, currencies, term, rule_of)
    progress(8, 'users')
    create_users(data['users'], company)
    progress(9, 'done')


if __name__ == '__main__':
    main(*sys.argv[1:])
