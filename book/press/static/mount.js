// A page with devices loads this: each device comes when its box is near the window.
import { mountAll } from "./device.js";

mountAll(name => import(`./devices/${name}.js`));
