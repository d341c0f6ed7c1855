using System.Collections.Immutable;
using System.Text.Json;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Daemon.TakeOver;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Converts a status to its document. Pure, any thread.</summary>
internal static class StatusDocuments
{
    public static StatusDocument From(ImmutableArray<ServiceStatus> services, ProcessStatus process, Observed? observed = null)
    {
        Observed seen = observed ?? Observed.Nothing;
        Readiness readiness = Readiness.Of(process.State, services);
        LoadedConfiguration configuration = process.Configuration;
        return new StatusDocument(
            ProgramVersion.Text,
            Environment.ProcessId,
            Time(process.StartedAt),
            Word(process.State),
            readiness.State != ServiceReadiness.NotReady,
            readiness.NotReady,
            process.IsStored,
            new ConfigDocument(configuration.Source, Time(configuration.At), configuration.Author,
                process.LastFailure is { } failure ? From(failure) : null),
            process.Generations,
            [.. services.Select(s => From(s, seen))],
            Word(readiness.State),
            readiness.Degraded,
            process.Draining is { } draining
            ? new DrainingDocument(Time(draining.Since), draining.Cause, Time(draining.Until), draining.Successor)
            : null)
        {
            Trouble = process.Trouble,
            Traffic = seen.Traffic.Process,
            LoopLagMs = seen.Traffic.LoopLag,
            GenerationsMore = process.GenerationsMore,
        };
    }

    public static OverrideDocument? From(Override? set) =>
        set is null ? null : new OverrideDocument(set.Reason, set.Author, Time(set.At), Time(set.Expires))
    {
        State = set is UpstreamOverride upstream ? Word(upstream.State) : null,
        Names = (set as OrderOverride)?.Names,
    };

    public static HealthDocument From(UpstreamHealth health) => new(
        Word(health.State),
        health.IsChecked,
        Reason(health),
        Time(health.Since),
        health.IsFlapping,
        health.Transitions,
        health.Checks,
        health.Latest is { } last ? new CheckDocument(Result(last.IsGood, last.IsUnknown), Time(last.At), Milliseconds(last.Duration),
            [.. last.Probes.Select(From)]) : null,
        Time(health.NextCheck));

    public static ImmutableArray<GenerationDocument> From(ImmutableArray<Generation> generations) =>
        [.. generations.Select(g => new GenerationDocument(g.ProcessId, g.Socket, g.Sessions, Time(g.StartedAt)))];

    /// <summary>As the configuration writes it.</summary>
    public static string Word(HeaderMode mode) => mode switch
    {
        HeaderMode.ProxyV1 => "proxy-v1",
        HeaderMode.ProxyV2 => "proxy-v2",
        _ => "raw",
    };

    /// <summary>The word for a value of an enumeration: its name, as JSON writes names.</summary>
    public static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static FailedReloadDocument From(FailedReload failure) =>
        new(Time(failure.At), failure.Author, failure.Source, [.. failure.Errors.Select(e => e.ToString())]);

    public static ServiceDocument From(ServiceStatus service, Observed seen) =>
        new(service.Name, service.Listen, service.Sessions, service.IsAllDown, From(service.Order),
            [.. service.Upstreams.Select(u => From(service.Name, u, seen))], Word(service.Readiness))
    {
        Traffic = seen.Traffic.Services.GetValueOrDefault(service.Name),
    };

    private static UpstreamDocument From(string service, UpstreamStatus upstream, Observed seen)
    {
        UpstreamConfiguration configured = upstream.Configuration;
        return new UpstreamDocument(
            configured.Name,
            new ConfiguredDocument(configured.Address.Text, Word(configured.Mode), configured.Enabled, upstream.Number),
            From(upstream.Override),
            From(upstream.Health),
            upstream.IsServing,
            upstream.Why,
            upstream.Sessions)
        {
            Traffic = seen.Traffic.Upstreams.GetValueOrDefault((service, configured.Name)),
            Standing = upstream.Standing.Length == 0 ? null : upstream.Standing,
            HeaderDoubt = seen.DoubtOf(service, configured.Name),
        };
    }

    private static ProbeDocument From(ProbeResult probe) => new(
        Result(probe.IsGood, probe.IsUnknown),
        probe.Text,
        Milliseconds(probe.Duration),
        probe.Failure is { } failure ? Word(failure) : null);

    private static string Reason(UpstreamHealth health) => health switch
    {
        { IsChecked: false } => "no check is configured",
        { Unknown: { } unknown, Last: null } => $"{unknown.Decisive.Text}; not checked yet",
        { Unknown: { } unknown, Last: { } known } => $"{unknown.Decisive.Text}; before: {known.Decisive.Text}",
        { Last: null } => "not checked yet",
        _ => health.Last.Decisive.Text,
    };

    private static string Result(bool isGood, bool isUnknown) => isUnknown ? "unknown" : isGood ? "good" : "bad";

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);

    private static DateTime? Time(DateTimeOffset? time) => time is { } t ? Time(t) : null;

    /// <summary>Cut to milliseconds: nothing here is known better, and it is shorter.</summary>
    public static DateTime Time(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
}
