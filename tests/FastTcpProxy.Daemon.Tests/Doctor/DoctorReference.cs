using System.Text;
using FastTcpProxy.Daemon.Cli.Doctor;
using FastTcpProxy.Daemon.Cli.Machine;

namespace FastTcpProxy.Daemon.Tests.Doctor;

/// <summary>Makes src/docs/doctor.md from the table of rules and the limits of the trials. Pure.</summary>
internal static class DoctorReference
{
    private static readonly string Head = $$"""
        # doctor

            fasttcpproxy doctor --config proxy.json

        `doctor` examines this machine, the upstreams and the running proxy for a configuration. For each finding it says what was found, what is
        wanted, why, and how to change it. It changes nothing and needs no root. It exits 1 when something will hurt (an error, or a
        configuration that is wrong), else 0. What the machine does not say, or not to this user, is a note that begins with "not known", and
        never ok. Run it as the user that runs the proxy, beside the running proxy: then it asks that one too, and looks at its limits.

        | severity | meaning |
        |---|---|
        | error | it hurts: `run` would end at once, or clients are lost or wait |
        | warning | the proxy serves, and does less than the file says, or will under load |
        | note | worth knowing, or not known |
        | ok | as wanted; `--all` lists them |

        ## Upstreams
        Up to {{UpstreamTrials.AtOnceMax}} upstreams are tried at once, all of them within {{UpstreamTrials.Within.TotalSeconds:0}} s; the whole command ends within {{Examination.Within.TotalSeconds:0}} s. For each upstream:
        1. A connect, within `connectTimeout` and {{UpstreamTrials.ConnectWithin.TotalSeconds:0}} s.
        2. With `proxy-v2`, a LOCAL header, which names no client (PROXY protocol specification, section 2.2). Then the server is listened to for
           {{UpstreamTrials.HeaderPatience.TotalSeconds:0}} s. One that closes without a byte, repeats the header or complains does not take it. A silent one may wait for its
           client: that is "not known".
        3. A header with addresses, those of the connection itself, only where it is safe: a check of the configuration sends one to the same
           address (`"proxyHeader": "v1"`, or `proxy-v1` with a check at the upstream's own address), or `--send-header` was given. Version 1
           has no header without addresses that all servers take, so without either none is sent.
        4. With `healthCheck`, one probe as it is configured, within its `timeout` and {{UpstreamTrials.CheckWithin.TotalSeconds:0}} s.

        An upstream that does not answer is an error when it is silent and not checked, because every client waits for it, or when no other
        upstream of its service serves. Else it is a warning.

        ## JSON
        `--json` prints one object with all findings:

        | key | content |
        |---|---|
        | `version` | of the program |
        | `at` | when it was done, UTC (RFC 3339) |
        | `config` | the file, as it was given |
        | `worst` | the greatest severity of the findings |
        | `findings` | a list, the worst first; each has the keys below |
        | `code` | the code of the rule, which keeps its meaning for ever |
        | `severity` | `ok`, `note`, `warning` or `error` |
        | `known` | false: the machine does not say, or not to this user |
        | `what` | what was looked at |
        | `found` | how it is |
        | `wanted` | how it should be |
        | `why` | what happens otherwise |
        | `change` | a list of commands that can be typed, or of what to do; may be empty |
        | `place` | the key of the configuration that asks for it, with file, line and column, or null |

        ## Rules
        Thresholds and effects of settings are measured in [tuning.md](../../tuning.md).

        """;

    public static string Write()
    {
        StringBuilder text = new(Head);
        foreach ((string chapter, var rules) in MachineRules.Chapters)
        {
            text.Append($"\n### {chapter}\n| code | what | wanted | otherwise | worst |\n|---|---|---|---|---|\n");
            foreach (MachineRule rule in rules)
                text.Append($"| {rule.Code} | {rule.What} | {rule.Wanted} | {rule.Why} | {MachineFinding.WordOf(rule.Worst)} |\n");
        }
        return text.ToString();
    }
}
