using System.Collections.Immutable;
using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Daemon.Cli.Machine;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Daemon.Cli.Doctor;

/// <summary>
/// Connects to every upstream as its health checks would, several at once and within a time for all of them: a connect, a PROXY header,
/// and one probe as configured. One task starts them; each has its own probes.
/// </summary>
/// <param name="sendHeader">Whether a header with addresses may be sent where no check of the configuration sends one.</param>
internal sealed class UpstreamTrials(MachineContext context, bool sendHeader)
{
    /// <summary>Upstreams that are tried at once; each has one connection.</summary>
    public const int AtOnceMax = 32;

    /// <summary>The time for all of them; those that were not tried by then are reported so.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromSeconds(8);

    /// <summary>How long one connect may take, below <c>connectTimeout</c> where that is longer.</summary>
    public static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(3);

    /// <summary>How long a server is listened to behind a header: what complains does so at once.</summary>
    public static readonly TimeSpan HeaderPatience = TimeSpan.FromSeconds(1);

    /// <summary>The most that a probe of a configured check may take here.</summary>
    public static readonly TimeSpan CheckWithin = TimeSpan.FromSeconds(5);

    /// <summary>No server says this, so the trial sees all that comes until its time is over.</summary>
    private static readonly ContentPattern Never = new("", [], new Regex("[^\\s\\S]", RegexOptions.NonBacktracking));

    /// <summary>Tries all; in the order of the configuration.</summary>
    public async Task<ImmutableArray<UpstreamTrial>> RunAsync()
    {
        using CancellationTokenSource limit = new(Within);
        using SemaphoreSlim slots = new(AtOnceMax);
        var upstreams = context.Configuration.Services.SelectMany((service, i) =>
            service.Upstreams.Items.Select((upstream, j) => (Service: service, Upstream: upstream, Key: $"services[{i}].upstreams[{j}]")));
        return [.. await Task.WhenAll(upstreams.Select(u =>
            TryAsync(new UpstreamTrial(u.Service, u.Upstream, u.Key), slots, limit.Token)))];
    }

    private async Task<UpstreamTrial> TryAsync(UpstreamTrial trial, SemaphoreSlim slots, CancellationToken stop)
    {
        try
        {
            await slots.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return trial;
        }
        try
        {
            return await TryAsync(trial, stop);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<UpstreamTrial> TryAsync(UpstreamTrial trial, CancellationToken stop)
    {
        (ServiceConfiguration service, UpstreamConfiguration upstream) = (trial.Service, trial.Upstream);
        TimeSpan wait = service.Settings.ConnectTimeout < ConnectWithin ? service.Settings.ConnectTimeout : ConnectWithin;
        bool mayNameAClient = sendHeader || trial.CheckNamesAClient;
        CheckProxyHeader first = upstream.Mode switch
        {
            HeaderMode.ProxyV2 => CheckProxyHeader.V2,
            HeaderMode.ProxyV1 when mayNameAClient => CheckProxyHeader.V1,
            _ => CheckProxyHeader.None,
        };
        trial = trial with { Connect = await ProbeAsync(upstream, Plain(first, wait, null), stop) };
        if (trial.Connect is { IsGood: true } && first != CheckProxyHeader.None)
        {
            TimeSpan listen = trial.Connect.Duration + HeaderPatience;
            trial = trial with { Header = await ProbeAsync(upstream, Plain(first, listen, Never), stop), Sent = first };
            if (first == CheckProxyHeader.V2 && mayNameAClient && trial.Header is { Sign: HeaderSign.None })
            {
                ProbeResult? real = await ProbeAsync(upstream, Plain(CheckProxyHeader.V2Addresses, listen, Never), stop);
                trial = trial with { Header = real, Sent = CheckProxyHeader.V2Addresses };
            }
        }
        if (upstream.HealthCheck is not { } check) return trial;
        TimeSpan within = check.Timeout < CheckWithin ? check.Timeout : CheckWithin;
        return trial with { Check = await ProbeAsync(upstream, check with { Timeout = within }, stop) };
    }

    /// <summary>Null: the time for all was over.</summary>
    private async Task<ProbeResult?> ProbeAsync(UpstreamConfiguration upstream, HealthCheckConfiguration check, CancellationToken stop)
    {
        try
        {
            using IProbe probe = ProbeFactory.Create(check, upstream, context.Names, TimeProvider.System);
            return await probe.RunAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A check that connects, sends a header, and says nothing else.</summary>
    private static HealthCheckConfiguration Plain(CheckProxyHeader header, TimeSpan timeout, ContentPattern? expected) => new()
    {
        Type = CheckType.Tcp,
        Method = "",
        Headers = [],
        Content = [],
        Timeout = timeout,
        Interval = timeout,
        Probes = new ProbeRule(1, 1, TimeSpan.Zero),
        Expect = new CheckExpectation { FailStatus = [], Body = expected },
        Tls = new CheckTls(),
        ProxyHeader = header,
        InitiallyServing = false,
        ResetOnDown = false,
    };
}
