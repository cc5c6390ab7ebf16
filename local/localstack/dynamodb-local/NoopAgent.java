/** LocalStack passes DynamoDB Local a Java agent of its own, which is not published. This one does nothing, and nothing is missed. */
public class NoopAgent {
  public static void premain(String arguments, java.lang.instrument.Instrumentation instrumentation) {}
}
