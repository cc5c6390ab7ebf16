import * as z from 'zod';
import { ALL_EVENTS } from './events.ts';
import { policy } from './policy.ts';
import { quoteDocument } from './quote.ts';
import { reference } from './reference.ts';
import { causeMessage, executionInput, runMessage, settleAnswer, stepInput } from './workflow.ts';

const OTHERS = {
  'quote-document': [quoteDocument, 'A quote as it is stored in the document bucket.'],
  policy: [policy, 'What a deployment decides by, apart from code.'],
  reference: [reference, 'A mapping from a code of the CPQ to a code of the ERP.'],
  'run-message': [runMessage, 'Asks for a run of one order.'],
  'cause-message': [causeMessage, 'A cause has a new version: wakes every order that waits for it.'],
  'execution-input': [executionInput, 'Input of an execution of the state machine.'],
  'step-input': [stepInput, 'What the state machine gives to a function.'],
  'settle-answer': [settleAnswer, 'What Settle answers to the state machine.'],
} as const;

const text = (name: string, description: string, schema: z.ZodType): string => {
  const { $schema, ...body } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify({ $schema, $id: `urn:quotebridge:schema:${name}`, title: name, description, ...body }, null, 2)}\n`;
};

/** JSON Schema (2020-12) of every contract: file name -> text. What a schema cannot say, such as sums, the validator checks beyond it. */
export function schemaFiles(): Map<string, string> {
  const events = ALL_EVENTS.map(({ type, summary, schema }) => [`${type}.json`, text(type, summary, schema)] as const);
  const others = Object.entries(OTHERS).map(([name, [schema, description]]) => [`${name}.json`, text(name, description, schema)] as const);
  return new Map([...events, ...others]);
}
