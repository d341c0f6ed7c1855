using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>What the running proxy says of itself. Pure functions, any thread.</summary>
internal static class ProxyFindings
{
    /// <summary>Older generations that drain for longer are worth a warning.</summary>
    private static readonly TimeSpan DrainsLong = TimeSpan.FromDays(1);

    /// <summary>As in the alert of the Prometheus rules.</summary>
    private const double LagMaxMs = 100;

    public static IEnumerable<MachineFinding> Of(MachineContext context)
    {
        MachineRule rule = MachineRules.ProxyAnswers;
        if (context.Serving?.Status is not { } status)
        {
            yield return context.ProxyFault is { } fault ? rule.Warning(fault).Do("fasttcpproxy status", "ss -lxp | grep fasttcpproxy")
                : context.Configuration.Admin?.Socket is { } socket ? rule.Ok($"no proxy serves {socket}")
                : rule.Note("not known: the configuration has no admin.socket, at which a running proxy could be asked")
                    with { IsKnown = false };
            yield break;
        }
        yield return rule.Ok($"process {status.Pid} answers, version {status.Version}");
        rule = MachineRules.ProxyTrouble;
        foreach (string trouble in status.Trouble) yield return rule.Error(trouble).Do("fasttcpproxy status");
        if (status.Trouble.IsEmpty) yield return rule.Ok("none");
        yield return OfReadiness(status, context.Configuration.Admin?.Socket);
        rule = MachineRules.FailedReload;
        yield return status.Config.LastFailure is { } failure
            ? rule.Warning($"failed on {Time(failure.At)}, by {failure.Author}: {string.Join("; ", failure.Errors)}")
                .Do("fasttcpproxy reload    # after the file was repaired")
            : rule.Ok($"in force since {Time(status.Config.LoadedAt)}");
        yield return OfGenerations(context, status);
        yield return OfLag(context, status);
    }

    private static MachineFinding OfLag(MachineContext context, StatusDocument status)
    {
        MachineRule rule = MachineRules.LoopLag;
        if (status.LoopLagMs is not { } lag)
            return rule.Note("not known: the proxy has just started, or is of an earlier version") with { IsKnown = false };
        string late = lag.P99 is { } p99 ? string.Create(CultureInfo.InvariantCulture, $"{p99:0.#} ms") : "30 s or more";
        return lag.P99 <= LagMaxMs
            ? rule.Ok($"99 of 100 ticks of the slowest loop were at most {late} late, in the last ten seconds")
            : rule.Warning($"one of 100 ticks of the slowest loop was up to {late} late, in the last ten seconds")
                .Do($"top -H -p {status.Pid}", string.Create(CultureInfo.InvariantCulture,
                    $"engine.threads of the configuration, which is {context.Configuration.Engine.Threads}"));
    }

    /// <param name="socket">Where the proxy answers, as the configuration has it.</param>
    internal static MachineFinding OfReadiness(StatusDocument status, string? socket)
    {
        MachineRule rule = MachineRules.ProxyReadiness;
        if (status.Ready && status.Readiness == "ready") return rule.Ok("ready");
        IEnumerable<string> lines = status.Ready ? status.Degraded ?? [] : status.NotReady;
        string why = string.Join("; ", lines.Select(line => StatusText.Short(status, line)));
        string where = socket is null ? "" : $" --socket {socket}";
        return rule.Error($"{(status.Ready ? "degraded" : "not ready")}{(why.Length > 0 ? ": " + why : "")}")
            .Do($"fasttcpproxy status{where}    # each upstream, since when it is down, and why");
    }

    private static MachineFinding OfGenerations(MachineContext context, StatusDocument status)
    {
        MachineRule rule = MachineRules.OlderGenerations;
        if (status.Generations.IsEmpty) return rule.Ok("none");
        GenerationDocument oldest = status.Generations.MinBy(g => g.StartedAt)!;
        string found = $"{Counted.Of(status.Generations.Length + status.GenerationsMore, "process drains", "processes drain")}, the oldest "
            + $"({oldest.Pid}) since its start on {Time(oldest.StartedAt)}, with {Counted.Of(oldest.Sessions, "session")}";
        return (context.UtcNow - oldest.StartedAt > DrainsLong ? rule.Warning(found) : rule.Note(found))
            .Do($"fasttcpproxy sessions list --generation {oldest.Pid}", $"fasttcpproxy drain --generation {oldest.Pid} --timeout 10s");
    }

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
}
