import type { KernelImage } from '../../api/schema';
import type { Reader } from './reader';

/**
 * An image and how to log in to its registry.
 */
export interface IImageDraft {
  image: string;
  username: string;
  passwordSecret: string;
}

export function imageDraft(one: KernelImage | null): IImageDraft {
  return {
    image: one?.image ?? '',
    username: one?.username ?? '',
    passwordSecret: one?.password_secret ?? ''
  };
}

export function readImage(
  draft: IImageDraft,
  path: string,
  reader: Reader
): KernelImage {
  return {
    image: reader.text(draft.image, `${path}.image`),
    username: draft.username.trim() || null,
    password_secret: draft.passwordSecret || null
  };
}
