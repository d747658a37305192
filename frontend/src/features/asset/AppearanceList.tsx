import { t } from "@/messages";
import { clock, timecodeAt } from "@/time/timecode";
import { Button, Dialog, StateMark } from "@/ui";

import { laneName } from "./laneName";
import type { Lane } from "./lanes";
import type { AssetView } from "./useAssetView";

/** The same that a lane draws, as a table. */
export function AppearanceList({ lane, view, onClose }: { lane: Lane | null; view: AssetView; onClose: () => void }) {
  return (
    <Dialog title={t("list.title", { name: lane ? laneName(lane) : "" })} open={lane !== null} onClose={onClose}>
      <div className="dialog-body">
        <table className="appearances num">
          <thead>
            <tr>
              <th scope="col">{t("list.from")}</th>
              <th scope="col">{t("list.to")}</th>
              <th scope="col">{t("list.length")}</th>
              <th scope="col">{t("list.state")}</th>
            </tr>
          </thead>
          <tbody>
            {lane?.tracks.map((track) => {
              const from = timecodeAt(track.start_ms, view.timecode);
              return (
                <tr key={track.id}>
                  <td>
                    <Button
                      look="link"
                      label={t("list.play", { at: from })}
                      onClick={() => {
                        view.show(lane, track);
                        onClose();
                      }}
                    >
                      {from}
                    </Button>
                  </td>
                  <td>{timecodeAt(track.end_ms, view.timecode)}</td>
                  <td>{clock(track.end_ms - track.start_ms)}</td>
                  <td>
                    <span className="row">
                      <StateMark band={track.band} quiet />
                      {t(`band.${track.band}`)}
                    </span>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Dialog>
  );
}
