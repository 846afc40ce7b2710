/**
 * What a browser has and the test environment has not, or has in a form that user events, CodeMirror
 * or the clipboard trip over.
 */
delete (document as Partial<Document>).createRange; // a stub without a selection

const ranges = Object.getPrototypeOf(document.createRange()) as Range;
Object.assign(ranges, {
  getBoundingClientRect: () => new DOMRect(),
  getClientRects: () => []
});
window.Range = ranges.constructor as typeof Range;

class DOMRect {
  readonly bottom = 0;
  readonly height = 0;
  readonly left = 0;
  readonly right = 0;
  readonly top = 0;
  readonly width = 0;
}

// Of the application's style sheet: without it a dialog that is not modal is not there.
const style = document.createElement('style');
style.append('.jp-Dialog { display: flex }');
document.head.append(style);

Object.defineProperty(navigator, 'clipboard', {
  value: {},
  configurable: true
});

Element.prototype.scrollIntoView = () => undefined;

/** What was last copied. */
export const clipboard = { text: '' };

document.execCommand = command => {
  const event = new Event(command, { bubbles: true, cancelable: true });
  const clipboardData = {
    setData: (_: string, text: string) => {
      clipboard.text = text;
    }
  };
  return document.body.dispatchEvent(Object.assign(event, { clipboardData }));
};

/** What was last offered for download, by the name of the file. */
export const downloads = new Map<string, Blob>();

let offered: Blob | null = null;
URL.createObjectURL = blob => {
  offered = blob as Blob;
  return 'blob:test';
};
URL.revokeObjectURL = () => {
  offered = null;
};
HTMLAnchorElement.prototype.click = function () {
  if (this.download && offered) {
    downloads.set(this.download, offered);
  }
};
