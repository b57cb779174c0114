// The service worker of pages that work without network: keeps the shell and its files, and nothing that holds a name.
// PREFIX, VERSION, SHELL and FILES are written in front of this file by the server.
"use strict";
const NAME = `${PREFIX}${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(NAME);
    await cache.addAll([SHELL, ...FILES].map((address) => new Request(address, { cache: "reload", credentials: "same-origin" })));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

// The network first for the shell, so that a new version is seen; what was kept where there is none.
self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (address.pathname === SHELL) {
    event.respondWith((async () => {
      const cache = await caches.open(NAME);
      try {
        const answer = await fetch(event.request);
        if (answer.ok) return answer;
      } catch { /* no network: below */ }
      return (await cache.match(SHELL)) || Response.error();
    })());
    return;
  }
  if (FILES.includes(address.pathname)) {
    event.respondWith((async () => {
      const kept = await (await caches.open(NAME)).match(address.pathname);
      return kept || fetch(event.request);
    })());
  }
});
