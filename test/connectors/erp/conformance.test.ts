import { conformance } from './conformance.ts';
import { simulatorFacts } from './simulator-facts.ts';
import { simulatorSubject } from './simulator-subject.ts';
import { trytonFacts } from './tryton-facts.ts';
import { trytonSubject } from './tryton-subject.ts';

conformance('ERP simulator', simulatorSubject, simulatorFacts);
conformance('ERP simulator that takes a key twice', () => simulatorSubject('lookup'));
conformance('Tryton', trytonSubject, trytonFacts);
