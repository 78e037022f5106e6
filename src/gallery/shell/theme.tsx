import { effect } from '@preact/signals';
import { kept } from './kept.js';

const THEMES = { system: 'As the system', light: 'Light', dark: 'Dark' } as const;

type Theme = keyof typeof THEMES;

const theme = kept<Theme>('theme', 'system');

/** Keeps the page in the theme that was chosen. */
export function startTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
}

export function ThemeSwitch() {
  return (
    <fieldset class="choices">
      <legend>Colours</legend>
      {Object.entries(THEMES).map(([name, label]) => (
        <label class="check" key={name}>
          <input
            type="radio"
            name="theme"
            checked={theme.value === name}
            onChange={() => {
              theme.value = name as Theme;
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
