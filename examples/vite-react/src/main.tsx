import { createRoot } from 'react-dom/client';
import { Gallery } from './gallery.js';

createRoot(document.getElementById('root')!).render(<Gallery />);
