using System.Text.Json;
using FastTcpProxy.Control.Health;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.CommandLine;

namespace FastTcpProxy.Daemon.Admin.Documents;

/// <summary>Makes a status into its document. Pure, any thread.</summary>
internal static class StatusDocuments
{
    public static StatusDocument From(IStatusSource status, DateTimeOffset startedAt) =>
        new(ProgramCommand.Version, Environment.ProcessId, Time(startedAt), [.. status.Services.Select(From)]);

    private static ServiceDocument From(ServiceStatus service) =>
        new(service.Name, service.Listen, service.Sessions, service.AllOut, [.. service.Upstreams.Select(From)]);

    private static UpstreamDocument From(UpstreamStatus upstream) => new(upstream.Configuration.Name, upstream.Configuration.Address.Text, upstream.IsServing, From(upstream.Health));

    private static HealthDocument From(UpstreamHealth health) => new(
        State(health.State),
        health.IsChecked,
        Reason(health),
        Time(health.Since),
        health.IsFlapping,
        health.Transitions,
        health.Checks,
        health.Last is { } last ? new CheckDocument(Result(last.IsGood), Time(last.At), Milliseconds(last.Duration), [.. last.Probes.Select(From)]) : null,
        Time(health.NextCheck));

    private static ProbeDocument From(ProbeResult probe) => new(
        Result(probe.IsGood),
        probe.Text,
        Milliseconds(probe.Duration),
        probe.Failure is { } failure ? JsonNamingPolicy.CamelCase.ConvertName(failure.ToString()) : null);

    private static string Reason(UpstreamHealth health) => health switch
    {
        { IsChecked: false } => "no check is configured",
        { Last: null } => "not checked yet",
        _ => health.Last.Decisive.Text,
    };

    private static string State(HealthState state) => state switch
    {
        HealthState.Up => "up",
        HealthState.Down => "down",
        _ => "initial",
    };

    private static string Result(bool isGood) => isGood ? "good" : "bad";

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    private static DateTime? Time(DateTimeOffset? time) => time is { } t ? Time(t) : null;

    /// <summary>Cut to milliseconds: nothing here is known better, and it is shorter.</summary>
    private static DateTime Time(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
}
