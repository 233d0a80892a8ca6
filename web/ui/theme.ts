import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#f0fdfa',
  '#ccfbf1',
  '#99f6e4',
  '#5eead4',
  '#2dd4bf',
  '#14b8a6',
  '#0d9488',
  '#0f766e',
  '#115e59',
  '#134e4a',
];

/** Greys of the dark scheme, from text to the deepest ground; the same hues as the page's own tokens. */
const dark: MantineColorsTuple = [
  '#e6edf3',
  '#c9d4df',
  '#a3b1c0',
  '#64748b',
  '#2f3b49',
  '#26313d',
  '#1b2430',
  '#151c25',
  '#0e141b',
  '#0a0f14',
];

/** Quiet and dense; the accent is teal, since blue, purple, amber and vermilion have meanings of their own. */
export const theme = createTheme({
  colors: { teal, dark },
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  // The library works out what is legible on the light scheme's accent alone; the dark scheme's is much lighter.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    return input.variant === 'filled' ? { ...colors, color: 'var(--bh-on-accent)' } : colors;
  },
  fontFamily: 'var(--bh-font)',
  fontFamilyMonospace: 'var(--bh-mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  defaultRadius: '6px',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, multiline: true, maw: 320 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Button: { defaultProps: { fw: 500 } },
  },
});
