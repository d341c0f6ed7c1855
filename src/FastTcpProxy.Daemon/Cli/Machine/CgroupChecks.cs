using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>Limits of control groups, of the serving process or, where none serves, of this session. Stateless.</summary>
internal static class CgroupChecks
{
    /// <summary>Of the sizing in tuning.md: what the process takes, and what a session takes of it and of the kernel.</summary>
    private const long BytesOfProcess = 60_000_000, BytesOfSession = 12_100;

    /// <summary>Threads of the runtime and of the program beside its loops: pool, timers, look-ups, collector.</summary>
    private const int OwnThreads = 48;

    public static IEnumerable<MachineFinding> Find(MachineContext context)
    {
        Cgroup group = new(context.Files, context.Process);
        if (!group.IsKnown)
        {
            foreach (MachineRule rule in new[] { MachineRules.MemoryLimit, MachineRules.TaskLimit, MachineRules.CpuLimit })
                yield return rule.Unknown(group.File, context.Files.Read(group.File).Lack);
            yield break;
        }
        yield return OfMemory(context, group);
        yield return OfTasks(context, group);
        yield return OfCpu(context, group);
    }

    private static MachineFinding OfMemory(MachineContext context, Cgroup group)
    {
        MachineRule rule = MachineRules.MemoryLimit;
        long needed = BytesOfProcess + (BytesOfSession * context.SessionsMax);
        if (group.MemoryKills is > 0 and var kills)
            return Raise(rule.Warning($"{Counted.Of(kills, "process was", "processes were")} killed for the memory limit of "
                + $"{context.ProcessName}"));
        if (group.MemoryThrottles is > 0 and var slowed)
            return Raise(rule.Warning($"{context.ProcessName} was slowed down {Counted.Of(slowed, "time")} "
                + "for memory.high"));
        (long Value, string File)? least = group.MemoryHigh is { } high && !(group.MemoryMax?.Value <= high.Value) ? high : group.MemoryMax;
        if (least is not (var limit, var file)) return rule.Ok($"no limit for {context.ProcessName}");
        string found = $"{NumberText.Bytes(limit)} for {context.ProcessName} ({file})";
        return limit >= needed ? rule.Ok(found)
            : Raise(rule.Warning(found)
                .Want($"{NumberText.Bytes(needed)} for {Counted.Of(context.SessionsMax, "session")}, and their buffers"));

        MachineFinding Raise(MachineFinding finding) =>
            finding.Do($"systemctl set-property fasttcpproxy MemoryMax={needed} MemoryHigh=infinity", "or lower engine.maxSessions");
    }

    private static MachineFinding OfTasks(MachineContext context, Cgroup group)
    {
        MachineRule rule = MachineRules.TaskLimit;
        int needed = context.Configuration.Engine.Threads + OwnThreads;
        string[] raise = [string.Create(CultureInfo.InvariantCulture, $"systemctl set-property fasttcpproxy TasksMax={needed * 4}")];
        if (group.TasksRefused is > 0 and var refused)
            return rule.Error($"{Counted.Of(refused, "thread or process was", "threads or processes were")} refused to "
                + context.ProcessName).Do([.. raise]);
        if (group.TasksMax is not (var max, var file)) return rule.Ok($"no limit for {context.ProcessName}");
        long used = context.Serving is null ? group.Tasks ?? 0 : 0;
        string found = $"{max} for {context.ProcessName} ({file}), {group.Tasks ?? 0} are there";
        return max - used >= needed ? rule.Ok(found) : rule.Error(found).Want($"{needed} for the proxy").Do([.. raise]);
    }

    private static MachineFinding OfCpu(MachineContext context, Cgroup group)
    {
        MachineRule rule = MachineRules.CpuLimit;
        int threads = context.Configuration.Engine.Threads;
        string quota = group.CpuMax is var (cpus, file)
            ? string.Create(CultureInfo.InvariantCulture, $"{cpus:0.##} CPUs for {context.ProcessName} ({file})")
            : $"no quota for {context.ProcessName}";
        string[] raise = [string.Create(CultureInfo.InvariantCulture, $"systemctl set-property fasttcpproxy CPUQuota={threads * 100}%"),
            "or a lower engine.threads"];
        if (group.Throttled is > 0 and var throttled)
            return rule.Warning($"throttled {Counted.Of(throttled, "time")} since the group was made; {quota}")
                .Do([.. raise]);
        return group.CpuMax is var (limit, _) && limit < threads
            ? rule.Warning($"{quota}, and {Counted.Of(threads, "thread")}").Do([.. raise])
            : rule.Ok(quota);
    }
}
