// Devices are modules (mount.js), which a browser refuses on pages that are opened from a folder: there one script has them all.
if (document.querySelector("[data-device]")) {
  const script = document.createElement("script"), disk = location.protocol === "file:";
  Object.assign(script, disk ? {} : { type: "module" });
  script.src = new URL(disk ? "devices-from-disk.js" : "mount.js", document.currentScript.src);
  document.head.append(script);
}
