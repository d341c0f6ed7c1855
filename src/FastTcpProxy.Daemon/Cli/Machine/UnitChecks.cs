using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Serving;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>What the proxy may do under the unit of systemd that runs it, or would run it. Stateless.</summary>
internal static class UnitChecks
{
    private const string Capability = "CAP_NET_BIND_SERVICE";

    /// <summary>Its bit in a set (linux/capability.h).</summary>
    private const int CapabilityBit = 10;

    /// <summary>What systemd gives where the unit says nothing (systemd-system.conf(5)): the hard limit, and 90 s.</summary>
    private const long DescriptorsUsual = 524_288, StopSecondsUsual = 90;

    public static IEnumerable<MachineFinding> Find(MachineContext context)
    {
        UnitSettings? unit = UnitSettings.Read(context.Files, UnitSettings.NameOf(context.Files, context.Process));
        yield return OfLowPorts(context, unit);
        if (unit is null)
        {
            yield return MachineRules.UnitDescriptors.Ok("no unit of systemd is installed");
            yield return MachineRules.UnitStopTime.Ok("no unit of systemd is installed");
            yield break;
        }
        yield return OfDescriptors(context, unit);
        yield return OfStopTime(context, unit);
    }

    private static MachineFinding OfLowPorts(MachineContext context, UnitSettings? unit)
    {
        MachineRule rule = MachineRules.LowPorts;
        int first = context.Kernel.FirstUnprivilegedPort;
        int[] low = [.. context.Configuration.Services.SelectMany(s => s.Listen.Items).Select(l => l.EndPoint?.Port ?? first)
            .Where(port => port < first).Distinct().Order()];
        if (low.Length == 0) return rule.Ok($"no service listens below port {first}");
        string ports = string.Join(", ", low.Select(port => port.ToString(CultureInfo.InvariantCulture)));
        if (context.Serving is not null || unit is null) return OfProcess(context, rule, ports);
        bool isRoot = unit.Last("User") is null or "root" or "0" && unit.Last("DynamicUser") is not "yes";
        string who = $"{unit.Name} (user {unit.Last("User") ?? (isRoot ? "root" : "made by systemd")})";
        if (isRoot || unit.Words("AmbientCapabilities").Contains(Capability)) return rule.Ok($"{who} may listen on {ports}");
        if (UnitSettings.Read(context.Files, Path.ChangeExtension(unit.Name, ".socket")) is not null)
            return rule.Ok($"{who} may not, but its socket unit listens");
        return rule.Error($"{who} may not listen on {ports}")
            .Do($"systemctl edit {unit.Name}    # [Service] AmbientCapabilities={Capability}");
    }

    private static MachineFinding OfProcess(MachineContext context, MachineRule rule, string ports)
    {
        string file = $"/proc/{context.Process}/status";
        FileText status = context.Files.Read(file);
        string? set = status.Text?.Split('\n').FirstOrDefault(l => l.StartsWith("CapEff:", StringComparison.Ordinal))?["CapEff:".Length..];
        if (!long.TryParse(set?.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out long bits))
            return rule.Unknown(file, status.Lack);
        if ((bits >> CapabilityBit & 1) != 0) return rule.Ok($"{context.ProcessName} may listen on {ports}");
        return context.Serving is not null
            ? rule.Note($"{context.ProcessName} has no {Capability}, and got its sockets for {ports} "
                + "otherwise: a reload cannot add such ports")
            : rule.Error($"{context.ProcessName} may not listen on {ports}")
                .Do($"setcap {Capability.ToLowerInvariant()}+ep $(command -v fasttcpproxy)",
                    $"systemctl edit fasttcpproxy    # [Service] AmbientCapabilities={Capability}");
    }

    private static MachineFinding OfDescriptors(MachineContext context, UnitSettings unit)
    {
        MachineRule rule = MachineRules.UnitDescriptors;
        // "soft:hard", or one for both.
        string text = unit.Last("LimitNOFILE") is { } set ? set.Split(':')[^1] : DescriptorsUsual.ToString(CultureInfo.InvariantCulture);
        long limit = NumberText.OrMax(text);
        DescriptorPlan plan = DescriptorPlan.Make(context.Configuration, limit, context.Open);
        string found = $"{unit.Name}: LimitNOFILE is {text}";
        return plan.Fault is null && plan.Sessions >= context.SessionsMax ? rule.Ok(found)
            : rule.Warning($"{found}, enough for {Counted.Of(plan.Sessions, "session")}")
                .Want($"{plan.NeededFor(context.SessionsMax)} for {context.SessionsMax}")
                .Do($"systemctl edit {unit.Name}    # [Service] LimitNOFILE=1048576", "or lower engine.maxSessions");
    }

    private static MachineFinding OfStopTime(MachineContext context, UnitSettings unit)
    {
        MachineRule rule = MachineRules.UnitStopTime;
        TimeSpan drain = context.Configuration.Engine.DrainTimeout;
        string text = unit.Last("TimeoutStopSec") ?? $"{StopSecondsUsual}s";
        string found = $"{unit.Name}: TimeoutStopSec is {text}, engine.drainTimeout {drain.TotalSeconds:0.#} s";
        // Such as "1min 30s", which is above any usual drain.
        string number = text.EndsWith('s') ? text[..^1] : text;
        return NumberText.TryRead(number, out long seconds) && seconds <= drain.TotalSeconds
            ? rule.Warning(found).Do($"systemctl edit {unit.Name}    # [Service] TimeoutStopSec={drain.TotalSeconds + 15:0}s")
            : rule.Ok(found);
    }
}
