import sax from 'sax';

/** An element of a response. */
export interface XmlElement {
  name: string;
  /** All text directly in it. */
  text: string;
  children: XmlElement[];
}

/** Deeper than anything S3 and STS say. */
const MAX_DEPTH = 16;

/**
 * Reads a small document, strictly: well-formed, without a document type, so without entities but XML's own five.
 * @throws Error, whose message says what is wrong and repeats nothing of the document
 */
export function parseXml(text: string): XmlElement {
  // The types do not know the option.
  const options: sax.SAXOptions & { strictEntities: boolean } = { strictEntities: true };
  const parser = sax.parser(true, options);
  const open: XmlElement[] = [];
  let root: XmlElement | null = null;
  parser.onerror = () => {
    throw new Error('It is not well-formed XML.');
  };
  parser.ondoctype = () => {
    throw new Error('It has a document type.');
  };
  parser.onopentag = ({ name }) => {
    if (open.length === MAX_DEPTH) throw new Error(`It is nested more than ${MAX_DEPTH} deep.`);
    if (root) throw new Error('It has more than one root.');
    const element = { name, text: '', children: [] };
    open.at(-1)?.children.push(element);
    open.push(element);
  };
  parser.onclosetag = () => {
    const closed = open.pop();
    if (open.length === 0) root = closed ?? null;
  };
  const append = (more: string) => {
    const element = open.at(-1);
    if (element) element.text += more;
  };
  parser.ontext = append;
  parser.oncdata = append;
  parser.write(text).close();
  if (!root) throw new Error('It has no element.');
  return root;
}

/** @throws Error when there is no such child, or more than one */
export function childOf(element: XmlElement, name: string): XmlElement {
  const [child, another] = childrenOf(element, name);
  if (!child || another) throw new Error(`${element.name} must have one ${name}.`);
  return child;
}

export function childrenOf({ children }: XmlElement, name: string): XmlElement[] {
  return children.filter((child) => child.name === name);
}

/** The text of an optional child. */
export function textOf(element: XmlElement, name: string): string | null {
  return childrenOf(element, name)[0]?.text ?? null;
}
