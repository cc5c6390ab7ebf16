/** Whether a cloud answers at all. */
export async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
  } catch {
    return false; // the question is whether it answers: refused, reset and late all mean no
  }
}
