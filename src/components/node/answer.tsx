import * as React from 'react';

import type { IErrorDetail } from '../../api/error';
import type { NodeAnswer } from '../../api/schema';
import { bytes } from '../../model/size';
import type { ISaid } from '../../model/words';
import { Traceback } from '../output-view';
import { useUi } from '../ui';

const SHOWN = 200_000; // characters of a body

/**
 * What a node answered: status, time, headers and body.
 */
export function Answer({ answer }: { answer: NodeAnswer }): JSX.Element {
  const { trans } = useUi();
  const good = answer.status < 400;
  const headers = Object.entries(answer.headers);
  return (
    <div className="jp-NodeDeploy-answer">
      <h3>{trans.__('Response')}</h3>
      <p className="jp-NodeDeploy-facts">
        <span className={good ? 'jp-NodeDeploy-well' : 'jp-NodeDeploy-raised'}>
          {answer.status}
        </span>
        <span>{trans.__('%1 ms', Math.round(1000 * answer.seconds))}</span>
        <span>{bytes(sizeOf(answer))}</span>
      </p>
      <Body answer={answer} />
      <details className="jp-NodeDeploy-details">
        <summary>{trans._n('%1 header', '%1 headers', headers.length)}</summary>
        <dl className="jp-NodeDeploy-pairs">
          {headers.map(([name, value]) => (
            <React.Fragment key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>
                <code>{value}</code>
              </dd>
            </React.Fragment>
          ))}
        </dl>
      </details>
    </div>
  );
}

function Body({ answer }: { answer: NodeAnswer }): JSX.Element {
  const { trans } = useUi();
  const type = answer.headers['content-type'] ?? '';
  if (answer.encoding === 'base64') {
    const source = `data:${type};base64,${answer.body}`;
    return /^image\/(png|jpeg|gif|webp)/.test(type) ? (
      <img
        className="jp-NodeDeploy-image"
        src={source}
        alt={trans.__('The image that the node answered')}
      />
    ) : (
      <p>
        <a href={source} download>
          {trans.__('Download')}
        </a>
      </p>
    );
  }
  const value = /\bjson\b/.test(type) ? parsed(answer.body) : undefined;
  const refusal = answer.status >= 400 ? refusalOf(value) : null;
  if (refusal) {
    return <Refusal {...refusal} />;
  }
  const text =
    value === undefined ? answer.body : JSON.stringify(value, null, 2);
  return (
    <pre className="jp-NodeDeploy-json" tabIndex={0}>
      {text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}
    </pre>
  );
}

interface IRefusal extends ISaid {
  details: IErrorDetail[];
}

/**
 * A refusal in the form that all of ours have.
 */
function Refusal(props: IRefusal): JSX.Element {
  const { words } = useUi();
  const raised = props.details.find(one => one.traceback);
  // What is wrong with which field is all that such a message says.
  const ofFields =
    props.reason === 'INPUT_INVALID' && props.details.every(one => one.path);
  return (
    <>
      {!ofFields && <p className="jp-NodeDeploy-error">{words.say(props)}</p>}
      {props.details
        .filter(one => one.path)
        .map(one => (
          <p
            key={`${one.path} ${one.message}`} // a field may have several
            className="jp-NodeDeploy-error"
          >
            <code>{one.path}</code>: {one.message}
          </p>
        ))}
      {raised && <Traceback error={raised} />}
    </>
  );
}

function refusalOf(value: unknown): IRefusal | null {
  const refusal = (value ?? {}) as Partial<IRefusal>;
  return typeof refusal.message === 'string' && Array.isArray(refusal.details)
    ? (refusal as IRefusal)
    : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sizeOf({ body, encoding }: NodeAnswer): number {
  return encoding === 'base64'
    ? Math.floor((3 * body.replace(/=+$/, '').length) / 4)
    : new Blob([body]).size;
}
