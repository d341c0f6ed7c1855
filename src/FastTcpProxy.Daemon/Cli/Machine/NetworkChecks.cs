using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Kernel;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Settings of the kernel for handshakes and ports (ip-sysctl of the kernel). Stateless.</summary>
internal static class NetworkChecks
{
    private const string Ipv4 = "/proc/sys/net/ipv4/";

    private const int SynBacklogWanted = 4096;

    /// <summary>Connections that end within the minute of TIME_WAIT, from which on the table counts as small.</summary>
    private const int BucketsWanted = 8192;

    public static IEnumerable<MachineFinding> FindHandshakes(MachineContext context)
    {
        KernelSettings kernel = context.Kernel;
        const string cookiesFile = Ipv4 + "tcp_syncookies", backlogFile = Ipv4 + "tcp_max_syn_backlog";
        long? cookies = kernel.Number(cookiesFile), backlog = kernel.Number(backlogFile);
        MachineRule rule = MachineRules.SynCookies;
        yield return cookies switch
        {
            null => rule.Unknown(cookiesFile, context.Files.Read(cookiesFile).Lack),
            0 => rule.Warning("off: net.ipv4.tcp_syncookies is 0").Sysctl("net.ipv4.tcp_syncookies", 1),
            2 => rule.Note("always: net.ipv4.tcp_syncookies is 2").Sysctl("net.ipv4.tcp_syncookies", 1),
            _ => rule.Ok("on, when the backlog is full"),
        };
        rule = MachineRules.SynBacklog;
        if (backlog is not { } size) yield return rule.Unknown(backlogFile, context.Files.Read(backlogFile).Lack);
        else if (size >= SynBacklogWanted) yield return rule.Ok($"{size} handshakes");
        else
        {
            string found = $"{Counted.Of(size, "handshake")} (net.ipv4.tcp_max_syn_backlog)";
            yield return (cookies == 0 ? rule.Warning(found + ", without cookies") : rule.Note(found))
                .Sysctl("net.ipv4.tcp_max_syn_backlog", SynBacklogWanted);
        }
    }

    /// <summary>Services that listen where the kernel takes local ports from.</summary>
    public static IEnumerable<MachineFinding> FindReserved(MachineContext context)
    {
        MachineRule rule = MachineRules.UnreservedPorts;
        if (context.Kernel.LocalPortRange is not var (first, last))
        {
            yield return rule.Unknown(Ipv4 + "ip_local_port_range", context.Files.Read(Ipv4 + "ip_local_port_range").Lack);
            yield break;
        }
        FileText reserved = context.Files.Read(PortRanges.ReservedFile);
        if (reserved.Text is not { } text)
        {
            yield return rule.Unknown(PortRanges.ReservedFile, reserved.Lack);
            yield break;
        }
        (int First, int Last)[] kept = [.. PortRanges.Parse(text)];
        int[] open = [.. context.Configuration.Services.SelectMany(s => s.Listen.Items)
            .Concat(context.Configuration.Admin?.Listen.Items ?? []).Select(l => l.EndPoint?.Port ?? 0)
            .Where(port => port >= first && port <= last && !kept.Any(r => port >= r.First && port <= r.Last)).Distinct().Order()];
        if (open.Length == 0)
        {
            yield return rule.Ok($"no service listens within {first} to {last} without its port being reserved");
            yield break;
        }
        string ports = string.Join(',', open.Select(port => port.ToString(CultureInfo.InvariantCulture)));
        string all = text.Trim() is { Length: > 0 } before ? $"{before},{ports}" : ports;
        yield return rule.Warning($"the configuration listens on {ports}, which the kernel also gives to connections ({first} to {last})")
            .Sysctl("net.ipv4.ip_local_reserved_ports", all);
    }

    public static IEnumerable<MachineFinding> FindTimeWait(MachineContext context)
    {
        const string reuseFile = Ipv4 + "tcp_tw_reuse", bucketsFile = Ipv4 + "tcp_max_tw_buckets";
        MachineRule rule = MachineRules.TimeWaitReuse;
        yield return context.Kernel.Number(reuseFile) switch
        {
            null => rule.Unknown(reuseFile, context.Files.Read(reuseFile).Lack),
            0 => rule.Note("off: net.ipv4.tcp_tw_reuse is 0").Sysctl("net.ipv4.tcp_tw_reuse", 2),
            1 => rule.Ok("on for all connections"),
            _ => rule.Ok("on over loopback"),
        };
        rule = MachineRules.TimeWaitBuckets;
        if (context.Kernel.Number(bucketsFile) is not { } buckets)
        {
            yield return rule.Unknown(bucketsFile, context.Files.Read(bucketsFile).Lack);
            yield break;
        }
        long? overflows = NetCounters.Read(context.Files)?.TimeWaitOverflows;
        string used = SocketStatistics.Tcp(context.Files, "tw") is { } now ? $", {now} in use" : "";
        if (overflows > 0)
            yield return rule.Warning($"it was full {Counted.Of(overflows.Value, "time")} since the boot: "
                + $"{buckets} buckets{used}").Sysctl("net.ipv4.tcp_max_tw_buckets", Math.Max(buckets * 2, BucketsWanted));
        else if (buckets < BucketsWanted)
            yield return rule.Warning($"{buckets} buckets{used}").Sysctl("net.ipv4.tcp_max_tw_buckets", BucketsWanted);
        else yield return rule.Ok($"{buckets} buckets{used}, no overflow");
    }

    public static IEnumerable<MachineFinding> FindConntrack(MachineContext context)
    {
        const string folder = "/proc/sys/net/netfilter/", file = folder + "nf_conntrack_max";
        KernelSettings kernel = context.Kernel;
        MachineRule rule = MachineRules.ConntrackTable;
        FileText table = context.Files.Read(file);
        if (kernel.Number(file) is not { } max)
        {
            yield return table.Lack == FileLack.Denied ? rule.Unknown(file, table.Lack)
                : context.Files.List("/proc/sys/net").IsEmpty ? rule.Unknown("/proc/sys/net", FileLack.Missing)
                : rule.Ok("not loaded");
            yield break;
        }
        long count = kernel.Number(folder + "nf_conntrack_count") ?? 0;
        long wanted = Math.Max(262_144, RoundUp(2L * context.SessionsMax));
        string found = $"{count} of {max} entries in use";
        bool isUsed = count > 0;
        MachineFinding finding = count >= max * 0.8 ? rule.Error(found)
            : max >= 2L * context.SessionsMax ? rule.Ok(found)
            : (isUsed ? rule.Warning(found) : rule.Note(found + "; no rule makes the kernel track connections"))
                .Want($"{2L * context.SessionsMax} for {Counted.Of(context.SessionsMax, "session")}, or "
                    + "no tracking of the proxy's traffic");
        yield return finding.Severity == MachineSeverity.Ok ? finding
            : finding.Sysctl("net.netfilter.nf_conntrack_max", Math.Max(wanted, RoundUp(max * 2)));
        if (kernel.Number(folder + "nf_conntrack_buckets") is { } buckets and > 0)
        {
            rule = MachineRules.ConntrackBuckets;
            yield return max / buckets <= 8 ? rule.Ok($"{buckets} buckets for {max} entries")
                : rule.Note($"{buckets} buckets for {max} entries").Sysctl("net.netfilter.nf_conntrack_buckets", RoundUp(max / 4));
        }
    }

    /// <summary>What the kernel has dropped at full accept queues, between two readings and since the boot.</summary>
    /// <param name="before">Null: it could not be read.</param>
    /// <param name="after">The same, some time later.</param>
    /// <param name="between">How much later.</param>
    public static MachineFinding OfOverflows(NetCounters? before, NetCounters? after, TimeSpan between)
    {
        MachineRule rule = MachineRules.QueueOverflows;
        if (before is null || after is null) return rule.Unknown(NetCounters.File, FileLack.Missing);
        long overflows = after.ListenOverflows - before.ListenOverflows, drops = after.ListenDrops - before.ListenDrops;
        string since = $"{after.ListenOverflows} overflows, {after.ListenDrops} drops since the boot";
        if (overflows > 0 || drops > 0)
            return rule.Error($"now: {overflows} overflows and {drops} drops within {between.TotalSeconds:0.0} s; {since}")
                .Do("ss -ltn    # Recv-Q near Send-Q: the listener that is too slow", "sysctl -w net.core.somaxconn=16384");
        return after.ListenOverflows + after.ListenDrops > 0
            ? rule.Note($"none within {between.TotalSeconds:0.0} s, but {since}, of all listeners of this machine")
                .Do("nstat -az TcpExtListenOverflows TcpExtListenDrops")
            : rule.Ok("none since the boot");
    }

    /// <summary>To the next power of two.</summary>
    private static long RoundUp(long value) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(value, 1));
}
