// The device's own store: one record about the meeting, and one row for each tap. Nothing else is kept.
window.hallStore = (() => {
  "use strict";
  let opened;
  const open = () => opened || (opened = new Promise((resolve, reject) => {
    const request = indexedDB.open("gongjian-hall", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("meeting", { keyPath: "device" });
      request.result.createObjectStore("taps", { keyPath: ["device", "number"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }));
  const run = async (stores, mode, work) => {
    const database = await open();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(stores, mode, { durability: "strict" });
      let result;
      transaction.oncomplete = () => resolve(result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
      work(transaction, (value) => { result = value; });
    });
  };
  const all = (store) => run([store], "readonly", (t, done) => {
    const request = t.objectStore(store).getAll();
    request.onsuccess = () => done(request.result);
  });
  return {
    meetings: () => all("meeting"),
    taps: async (device) => (await all("taps")).filter((tap) => tap.device === device),
    keepMeeting: (meeting) => run(["meeting"], "readwrite", (t) => t.objectStore("meeting").put(meeting)),
    // The number is given inside the transaction that keeps the tap: two taps never share one.
    addTap: (device, tap, least) => run(["taps"], "readwrite", (t, done) => {
      const taps = t.objectStore("taps");
      const request = taps.openKeyCursor(IDBKeyRange.bound([device, 0], [device, Infinity]), "prev");
      request.onsuccess = () => {
        const last = request.result ? request.result.primaryKey[1] : 0;
        const kept = { ...tap, device, number: Math.max(last + 1, least || 1), answer: "" };
        taps.put(kept);
        done(kept);
      };
    }),
    putTap: (tap) => run(["taps"], "readwrite", (t) => t.objectStore("taps").put(tap)),
    answer: (device, answers) => run(["taps"], "readwrite", (t) => {
      const taps = t.objectStore("taps");
      for (const [number, answer] of Object.entries(answers)) {
        const request = taps.get([device, Number(number)]);
        request.onsuccess = () => { if (request.result) taps.put({ ...request.result, answer }); };
      }
    }),
    dropTap: (device, number) => run(["taps"], "readwrite", (t) => t.objectStore("taps").delete([device, number])),
    forget: (device) => run(["meeting", "taps"], "readwrite", (t) => {
      t.objectStore("meeting").delete(device);
      t.objectStore("taps").delete(IDBKeyRange.bound([device, 0], [device, Infinity]));
    }),
  };
})();
