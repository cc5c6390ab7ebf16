import { conformance } from './conformance.ts';
import { simulatorSubject } from './simulator-subject.ts';
import { trytonFacts } from './tryton-facts.ts';
import { trytonSubject } from './tryton-subject.ts';

conformance('ERP simulator', simulatorSubject);
conformance('Tryton', trytonSubject, trytonFacts);
