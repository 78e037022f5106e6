import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloProvider } from '@apollo/client/react';
import { createRoot } from 'react-dom/client';
import { possibleTypes, typePolicies } from '../../../dist/client/apollo.js';
import { Wall } from './wall.js';

// The address of the page says where its gateway is, and which key it has.
const { graph = '', key = '' } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const client = new ApolloClient({
  link: new HttpLink({ uri: graph, headers: { authorization: `Bearer ${key}` } }),
  cache: new InMemoryCache({ possibleTypes, typePolicies }),
});

createRoot(document.getElementById('root')!).render(
  <ApolloProvider client={client}>
    <Wall />
  </ApolloProvider>,
);
