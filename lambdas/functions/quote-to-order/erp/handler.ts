export const handler = async (): Promise<never> => {
  throw new Error('this function is not written yet');
};
