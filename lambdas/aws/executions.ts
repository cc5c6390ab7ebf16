import { DescribeExecutionCommand, ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { ExecutionInput } from '../../contracts/workflow.ts';

export type Executions = ReturnType<typeof createExecutions>;

/**
 * Starts executions by name. The same name and input again is one execution: AWS and LocalStack answer with the running one, MiniStack
 * with ExecutionAlreadyExists, which for everybody also means that it has finished (measured).
 */
export function createExecutions(stateMachineArn: string, client = new SFNClient({})) {
  const arnOf = (name: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  return {
    async ensure(name: string, input: ExecutionInput): Promise<'running' | 'finished'> {
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
        return 'running';
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
        const { status } = await client.send(new DescribeExecutionCommand({ executionArn: arnOf(name) }));
        return status === 'RUNNING' ? 'running' : 'finished';
      }
    },
  };
}
