/** The proxy serves the library beside the other scripts. */
import uPlot from "uplot";

export default uPlot;
