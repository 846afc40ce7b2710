/**
 * One thing that a refusal says: of a field (`path`), or of a cell that raised.
 */
export interface IErrorDetail {
  path?: string;
  message?: string;
  error_name?: string;
  error_message?: string;
  traceback?: string[];
}

/**
 * A refusal by the control API, as it is in the body of the answer.
 */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: number | null,
    readonly details: IErrorDetail[]
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /**
   * Reads `{code, message, details}`; whatever else a proxy or Jupyter may say becomes a message.
   */
  static async fromResponse(response: Response): Promise<ApiError> {
    let body: { code?: number; message?: string; details?: [] } = {};
    try {
      body = JSON.parse(await response.text());
    } catch {
      // Not JSON, such as the page of a proxy: the status says all there is.
    }
    return new ApiError(
      body.message || `${response.status} ${response.statusText}`,
      response.status,
      body.code ?? null,
      body.details ?? []
    );
  }
}

/**
 * What went wrong, in words for the user.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
