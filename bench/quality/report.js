// Prints what was measured as tables.

/** @param {object[]} pictures @param {{ name: string, outcomes: import('./measure.js').Outcome[] }[]} measured */
export function printReport(pictures, measured) {
  const print = (line = '') => process.stdout.write(`${line}\n`);
  const groups = [
    ['photographs, held out', ({ photograph, heldOut }) => photograph && heldOut],
    ['photographs, fitted to', ({ photograph, heldOut }) => photograph && !heldOut],
    ['graphics', ({ photograph }) => !photograph],
  ];
  for (const [title, belongs] of groups) {
    print(`\n## ${title}: ${pictures.filter(belongs).length} pictures`);
    print(`\n| attack | ${measured.map(({ name }) => `${name}: @1 | recall`).join(' | ')} |`);
    print(`|---|${'---|'.repeat(2 * measured.length)}`);
    for (const attack of pictures[0].copies.keys()) {
      const cells = measured.flatMap(({ outcomes }) => {
        const own = outcomes.filter((outcome) => outcome.attack === attack && belongs(outcome.picture));
        return [share(own, 'first'), share(own, 'found')];
      });
      print(`| ${attack} | ${cells.join(' | ')} |`);
    }
  }
  printFalseResults(pictures, measured, print);
}

function share(outcomes, property) {
  return (outcomes.filter((outcome) => outcome[property]).length / outcomes.length).toFixed(2);
}

function printFalseResults(pictures, measured, print) {
  print('\n## False results: a picture of another source among the results');
  print(`\n| queries | among | pairs | ${measured.map(({ name }) => `${name}: per million`).join(' | ')} |`);
  print(`|---|---|---|${'---|'.repeat(measured.length)}`);
  const kinds = [
    ['held-out photographs', ({ photograph, heldOut }) => photograph && heldOut],
    ['photographs', ({ photograph }) => photograph],
    ['all', () => true],
  ];
  for (const [queries, asks] of kinds) {
    for (const [among, lies] of kinds) {
      const pairs = countPairs(pictures, asks, lies);
      const rates = measured.map(({ outcomes }) => {
        let wrong = 0;
        for (const outcome of outcomes) {
          if (asks(outcome.picture)) wrong += outcome.wrong.filter(lies).length;
        }
        return `${((wrong * 1e6) / pairs).toFixed(2)} (${wrong})`;
      });
      print(`| ${queries} | ${among} | ${(pairs / 1e6).toFixed(1)} M | ${rates.join(' | ')} |`);
    }
  }
  print('\n| | false results per query, held-out photographs among all |');
  print('|---|---|');
  for (const { name, outcomes } of measured) {
    const own = outcomes.filter(({ picture }) => picture.photograph && picture.heldOut);
    const wrong = own.reduce((sum, outcome) => sum + outcome.wrong.length, 0);
    print(`| ${name} | ${(wrong / own.length).toFixed(4)} |`);
  }
}

function countPairs(pictures, asks, lies) {
  let pairs = 0;
  for (const asking of pictures.filter(asks)) {
    for (const lying of pictures.filter(lies)) {
      if (asking !== lying) pairs += (1 + asking.copies.size) * (1 + lying.tiles.length);
    }
  }
  return pairs;
}
