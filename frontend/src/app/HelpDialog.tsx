import { COMMANDS, commandOf, type CommandId, type Group } from "@/keys/commands";
import { t } from "@/messages";
import { Dialog, KeyHint } from "@/ui";

const GROUPS: readonly Group[] = ["naming", "player", "timeline", "everywhere"];

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const ids = Object.keys(COMMANDS) as CommandId[];
  return (
    <Dialog title={t("help.title")} open={open} onClose={onClose} className="help">
      <div className="dialog-body help-body">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{t(`help.group.${group}`)}</h3>
            <dl>
              {ids
                .map(commandOf)
                .filter((command) => command.group === group)
                .map(({ label, keys }) => (
                  <div key={String(label)} className="help-row">
                    <dt>{t(label)}</dt>
                    <dd>
                      {keys.map((chord, i) => (
                        <span key={chord} className="row" style={{ gap: 4 }}>
                          {i > 0 && <span className="xs t3">{t("help.or")}</span>}
                          <KeyHint chord={chord} />
                        </span>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <p className="sm t2">{t("help.note")}</p>
      </div>
    </Dialog>
  );
}
