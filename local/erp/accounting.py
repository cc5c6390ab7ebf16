"""The part of the seed that is accounting: chart of accounts, fiscal years, payment terms, taxes."""

import datetime as dt
from decimal import Decimal

from proteus import Model, Wizard, config


def create_accounts(company):
    """The chart of accounts from Tryton's own template, and the accounts that the other records need."""
    cfg = config.get_config()
    Account = Model.get('account.account')
    template = Model.get('account.account.template')(Model.get('ir.model.data').get_id('account.account_template_root_en', cfg.context))
    wizard = Wizard('account.create_chart')
    wizard.execute('account')
    wizard.form.account_template, wizard.form.company = template, company
    wizard.execute('create_account')

    def by_kind(kind):
        return Account.find([('type.' + kind, '=', True), ('company', '=', company.id), ('closed', '!=', True)], limit=1)[0]

    def by_code(code):
        return Account.find([('company', '=', company.id), ('code', '=', code)], limit=1)[0]

    accounts = {kind: by_kind(kind) for kind in ('receivable', 'payable', 'revenue', 'expense')}
    accounts |= {'cash': by_code('1.1.1'), 'tax': by_code('6.3.6')}
    wizard.form.account_receivable, wizard.form.account_payable = accounts['receivable'], accounts['payable']
    wizard.form.category_account_expense, wizard.form.category_account_revenue = accounts['expense'], accounts['revenue']
    wizard.execute('create_properties')
    return accounts


def create_fiscal_years(company, years):
    """Needed to post an invoice, not to confirm a sale."""
    Sequence, Type = Model.get('ir.sequence.strict'), Model.get('ir.sequence.type')
    FiscalYear = Model.get('account.fiscalyear')
    move_type, = Type.find([('name', '=', 'Account Move')])
    invoice_type, = Type.find([('name', '=', 'Invoice')])
    for year in years:
        moves = Sequence(name=f'Move {year}', sequence_type=move_type, company=company)
        invoices = Sequence(name=f'Invoice {year}', sequence_type=invoice_type, company=company, prefix=f'INV{year}-', padding=5)
        Sequence.save([moves, invoices])
        fiscal_year = FiscalYear(name=str(year), company=company, start_date=dt.date(year, 1, 1), end_date=dt.date(year, 12, 31))
        fiscal_year.move_sequence = moves
        kinds, = fiscal_year.invoice_sequences
        kinds.out_invoice_sequence = kinds.in_invoice_sequence = invoices
        kinds.out_credit_note_sequence = kinds.in_credit_note_sequence = invoices
        fiscal_year.save()
        fiscal_year.click('create_period')


def create_payment(accounts):
    """A payment term for the customers; a payment method, so that an invoice can be paid in the web client."""
    term = Model.get('account.invoice.payment_term')(name='Net 30')
    line = term.lines.new(type='remainder')
    line.relativedeltas.new(days=30)
    term.save()
    journal, = Model.get('account.journal').find([('type', '=', 'cash')])
    method = Model.get('account.invoice.payment.method')(name='Cash', journal=journal)
    method.credit_account = method.debit_account = accounts['cash']
    method.save()
    return term


def create_taxes(vat, account):
    """The seller's own rate stands on the products; a rule per customer replaces it by the rate of an OSS country or by nothing.

    Returns the seller's tax and a function: country -> rule, None where the seller's own rate applies.
    """
    Tax, Rule = Model.get('account.tax'), Model.get('account.tax.rule')
    group = Model.get('account.tax.group')(name='VAT', code='VAT', kind='sale')
    group.save()

    def tax(country):
        name = f"VAT {country} {vat['rates'][country]}%"
        new = Tax(name=name, description=name, type='percentage', rate=Decimal(vat['rates'][country]) / 100, group=group)
        new.invoice_account = new.credit_note_account = account
        return new

    seller = vat['sellerCountry']
    oss = [country for country in vat['ossCountries'] if country != seller]
    taxes = {country: tax(country) for country in [seller, *oss]}
    Tax.save(list(taxes.values()))
    rules = {country: Rule(name=f'One-stop shop {country}', kind='sale') for country in oss}
    for country, rule in rules.items():
        rule.lines.new(group=group, tax=taxes[country])
    export = Rule(name='Export', kind='sale')
    export.lines.new(group=group, tax=None)
    Rule.save([*rules.values(), export])
    return taxes[seller], lambda country: None if country == seller else rules.get(country, export)
