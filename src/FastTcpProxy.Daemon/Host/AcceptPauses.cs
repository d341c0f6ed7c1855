using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Host;

/// <summary>How often listeners stopped accepting, by what ran out; and in words, with what to do. Pure, any thread.</summary>
internal readonly record struct AcceptPauses(long Descriptors, long Memory, long Sessions, long Errors)
{
    public long Sum => Descriptors + Memory + Sessions + Errors;

    public static AcceptPauses Of(in LoopCounts loops) =>
        new(loops.PausesDescriptors, loops.PausesMemory, loops.PausesSessions, loops.PausesErrors);

    public static AcceptPauses operator -(AcceptPauses now, AcceptPauses before) => new(now.Descriptors - before.Descriptors,
        now.Memory - before.Memory, now.Sessions - before.Sessions, now.Errors - before.Errors);

    /// <summary>Each cause with its number, where there are several, and what to do.</summary>
    /// <param name="isSystemFull">Whether descriptors ran out for the whole system, not for this process alone.</param>
    public string Describe(bool isSystemFull)
    {
        (long Count, string Text)[] causes =
        [
            (Descriptors, isSystemFull
                ? "the system had no descriptor left: raise fs.file-max (sysctl), or end the process that holds them"
                : "the process had no descriptor left: raise its hard limit (LimitNOFILE, ulimit -Hn)"),
            (Sessions, "it has as many sessions as its descriptors allow: raise its hard limit (LimitNOFILE, ulimit -Hn), "
                + "or refuse clients beyond a number (maxSessions)"),
            (Memory, "the kernel had no memory for a socket: raise net.ipv4.tcp_mem (sysctl) or the memory of the control group, "
                + "or limit sessions (maxSessions)"),
            (Errors, "too many accepts in a row failed: event 4001 counts them"),
        ];
        (long Count, string Text)[] found = [.. causes.Where(c => c.Count > 0)];
        return string.Join("; ", found.Select(c => found.Length == 1 ? c.Text : $"{Counted.Of(c.Count, "time")} {c.Text}"));
    }
}
