const INVALID_ARGUMENT = 3; // of gRPC's codes

/**
 * One thing that a refusal says: of a field (`path`), or of a cell that raised.
 */
export interface IErrorDetail {
  path?: string;
  message?: string;
  reason?: string;
  template?: string;
  metadata?: Record<string, unknown>;
  error_name?: string;
  error_message?: string;
  traceback?: string[];
}

/**
 * Says a message of the server's in the user's language.
 */
export type Say = (said: {
  message: string;
  reason?: string;
  template?: string;
  metadata?: Record<string, unknown>;
}) => string;

export const asSaid: Say = ({ message }) => message;

/**
 * A refusal by the control API, as it is in the body of the answer.
 */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: number | null,
    readonly details: IErrorDetail[],
    /** For programs; null where the answer has none. */
    readonly reason: string | null = null
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /**
   * Whether all it says is what is wrong with which field.
   */
  get isOfFields(): boolean {
    return (
      this.code === INVALID_ARGUMENT &&
      this.details.length > 0 &&
      this.details.every(one => one.path)
    );
  }

  /**
   * Reads `{code, message, details, reason}`; whatever else a proxy or Jupyter may say becomes a message.
   */
  static async fromResponse(
    response: Response,
    say: Say = asSaid
  ): Promise<ApiError> {
    let body: Partial<Parameters<Say>[0]> & {
      code?: number;
      details?: IErrorDetail[];
    } = {};
    try {
      body = JSON.parse(await response.text());
    } catch {
      // Not JSON, such as the page of a proxy: the status says all there is.
    }
    const message = body.message || `${response.status} ${response.statusText}`;
    return new ApiError(
      say({ ...body, message }),
      response.status,
      body.code ?? null,
      (body.details ?? []).map(one =>
        one.message
          ? { ...one, message: say({ ...one, message: one.message }) }
          : one
      ),
      body.reason ?? null
    );
  }
}

/**
 * What went wrong, in words for the user.
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
