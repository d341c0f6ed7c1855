using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Memory;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Makes a run of anything that can happen to a session out of a seed. One thread; owned by a test.</summary>
internal sealed class ScenarioGenerator
{
    private const int ClientsMax = 5;

    private readonly Random _random;
    private readonly SessionHarness _harness;
    private readonly HashSet<int> _balancers = [];
    // Apart, so that the rest of the run is the same without it.
    private readonly Random? _policies;

    /// <param name="hedges">Whether the service may hedge, suspect, eject and ramp.</param>
    public ScenarioGenerator(int seed, BufferArena arena, bool hedges = false)
    {
        _policies = hedges ? new Random(~seed) : null;
        _random = new Random(seed);
        SimFaults faults = new()
        {
            LateCompletion = Pick(0, 0.1, 0.5, 1),
            PartialReceive = Pick(0, 0, 0.1, 0.3),
            PartialSend = Pick(0, 0, 0.1, 0.5),
            SendBlocks = Pick(0, 0, 0.1, 0.5),
            ErrorLeftToReceive = Pick(0, 0.5, 1),
            PipeMissing = Pick(0, 0, 0.2),
            SpliceGivesNothing = Pick(0, 0, 0.1, 0.5),
            SpliceTakesNothing = Pick(0, 0, 0.1, 0.5),
            FalseReadiness = Pick(0, 0, 0.1, 0.5, 0.9),
            SpliceRefused = Pick(0, 0, 0, 0.02),
            AcceptFails = Pick(0, 0, 0, 0.2),
            Pause = Pick(0, 0, 0, 0.02),
            CompletionDelayMaxUs = (int)Pick(0, 300, 5_000),
            LatencyMaxUs = (int)Pick(0, 500, 10_000),
        };
        // Real sessions splice after megabytes; here some do after a few bytes, lose it again after a few, and keep pipes for the rest of a
        // few.
        SpliceTerms terms = Chance(0.3) ? SpliceTerms.Measured : new SpliceTerms(
            (int)Pick(0, 16, 256), (int)Pick(2, 500, 5_000), MoveBytesMax: (int)Pick(300, 3_000, 1 << 20),
            RestBytesMax: (int)Pick(1, 30, 256 << 10));
        _harness = new SessionHarness(seed, faults, sessionsMax: Chance(0.1) ? 2 : 0, refusals: Chance(0.15) ? 0.3 : 0, arena: arena,
            spliceTerms: terms);
    }

    /// <summary>How many clients there will be.</summary>
    public int Clients { get; private set; }

    public SessionHarness Build()
    {
        int upstreams = _random.Next(1, 5);
        for (int i = 0; i < upstreams; i++) AddUpstream();
        Clients = _random.Next(1, ClientsMax + 1);
        for (int i = 0; i < Clients; i++)
        {
            if (Chance(0.6)) _balancers.Add(i);
        }
        AcceptProxyDefinition? acceptProxy = Chance(0.3) ? MakeAcceptProxy() : null;
        _harness.Start(definition => Configure(definition, acceptProxy));
        long atUs = 0;
        for (int i = 0; i < Clients; i++)
        {
            int id = i;
            // Some come together, some when others are long gone: then they get their objects.
            atUs += Chance(0.7) ? _random.Next(50_000) : _random.Next(4_000_000);
            _harness.World.Schedule(atUs, () => ConnectClient(id, acceptProxy));
        }
        return _harness;
    }

    private ServiceDefinition Configure(ServiceDefinition definition, AcceptProxyDefinition? acceptProxy)
    {
        ImmutableArray<UpstreamDefinition> upstreams = definition.Upstreams;
        if (Chance(0.1))
            upstreams = upstreams.Insert(_random.Next(upstreams.Length + 1), new UpstreamDefinition("nameless", HeaderMode.Raw, []));
        if (upstreams.Length > 1 && Chance(0.1))
        {
            // Two addresses of one name.
            UpstreamDefinition both =
                upstreams[0] with { Addresses = [upstreams[0].Addresses.FirstOrDefault() ?? _harness.Hosts[0].Address] };
            if (upstreams[1].Mode == both.Mode)
                upstreams = upstreams.SetItem(0, both with { Addresses = both.Addresses.AddRange(upstreams[1].Addresses) }).RemoveAt(1);
        }
        return HedgedRuns.Configure(_policies, definition) with
        {
            Upstreams = upstreams,
            ConnectTimeout = TimeSpan.FromMilliseconds(_random.Next(200, 1_500)),
            TotalConnectTimeout = Chance(0.2) ? TimeSpan.FromMilliseconds(_random.Next(300, 1_500)) : null,
            AbortOnClose = Chance(0.5),
            OnAllFailed = Chance(0.5) ? AllFailedAction.Reset : AllFailedAction.Close,
            IdleTimeout = TimeSpan.FromMilliseconds(_random.Next(500, 3_000)),
            HalfCloseTimeout = TimeSpan.FromMilliseconds(_random.Next(300, 6_000)),
            AcceptProxy = acceptProxy,
            SessionsMax = Chance(0.1) ? 1 : 0,
        };
    }

    private AcceptProxyDefinition MakeAcceptProxy() => new()
    {
        From = new NetworkSet(_balancers.Select(i => new IPNetwork(SessionHarness.AddressOf(i).ToIPEndPoint().Address, 32))),
        Timeout = TimeSpan.FromMilliseconds(_random.Next(100, 500)),
        ServeOthers = Chance(0.5),
        AddCrc32C = Chance(0.3),
    };

    private void AddUpstream()
    {
        ConnectBehavior behavior = Chance(0.6)
            ? ConnectBehavior.Accept
            : (ConnectBehavior)_random.Next(1, Enum.GetValues<ConnectBehavior>().Length);
        _harness.AddUpstream(
            behavior,
            (HeaderMode)_random.Next(3),
            synchronous: Chance(0.3),
            delayUs: Chance(0.2) ? _random.Next(1_200_000) : _random.Next(5_000),
            capacity: (int)Pick(512, 4 << 10, 64 << 10),
            script: _ => UpstreamScript());
    }

    private (PeerStep[] Steps, bool Echoes) UpstreamScript()
    {
        PeerStep end = Chance(0.8) ? PeerStep.HalfClose : PeerStep.Close;
        return _random.Next(12) switch
        {
            0 => ([PeerStep.Send(Size()), end], false),
            1 => ([PeerStep.Send(Size()), PeerStep.AwaitEnd, end], false),
            2 => ([PeerStep.Pause(Rest()), end], false),
            3 => ([PeerStep.Pause(Rest()), PeerStep.Reset], false),
            4 => ([PeerStep.Send(Size()), PeerStep.Reset], false),
            5 => ([PeerStep.AwaitBytes(Size()), PeerStep.Send(Size()), end], false),
            6 => ([PeerStep.Send(Size()), PeerStep.Pause(Rest()), PeerStep.Send(Size()), PeerStep.AwaitEnd, end], false),
            7 => ([PeerStep.Pause(Rest()), PeerStep.Vanish], false),
            8 => ([], false),
            _ => ([PeerStep.Echo, end], true),
        };
    }

    private void ConnectClient(int id, AcceptProxyDefinition? acceptProxy)
    {
        List<PeerStep> steps = [];
        bool isBalancer = acceptProxy is not null && _balancers.Contains(id);
        BalancerHeader? header = isBalancer ? BalancerHeader.Make(_random, id) : null;
        if (header is not null) steps.AddRange(header.Steps);
        steps.AddRange(ClientScript());
        bool slow = Chance(0.2);
        ClientRun client = _harness.Connect(
            [.. steps], (int)Pick(512, 4 << 10, 64 << 10), slow ? 700 : 16 << 10, slow ? _random.Next(3_000) : 0, reads: !Chance(0.05));
        if (header is null) return;
        client.SendsInvalidHeader = header.IsInvalid;
        if (header.Source is not { } source) return;
        client.AnnouncedSource = source;
        client.AnnouncedDestination = header.Destination;
    }

    private List<PeerStep> ClientScript()
    {
        List<PeerStep> steps = [];
        int pieces = _random.Next(4);
        for (int i = 0; i < pieces; i++)
        {
            if (Chance(0.5)) steps.Add(PeerStep.Pause(Rest()));
            steps.Add(PeerStep.Send(Size()));
        }
        if (Chance(0.3)) steps.Add(PeerStep.Pause(Rest()));
        switch (_random.Next(10))
        {
            case 0:
                steps.Add(PeerStep.Reset);
                break;
            case 1:
                steps.Add(PeerStep.Close);
                break;
            case 2:
                steps.Add(PeerStep.Vanish);
                break;
            case 3:
                break;
            case 4:
                steps.Add(PeerStep.AwaitEnd);
                steps.Add(PeerStep.Close);
                break;
            default:
                steps.Add(PeerStep.HalfClose);
                steps.Add(PeerStep.AwaitEnd);
                break;
        }
        return steps;
    }

    private long Size() => _random.Next(6) switch
    {
        0 => 1,
        1 => _random.Next(1, 20),
        5 => _random.Next(20_000, 120_000),
        _ => _random.Next(1, 6_000),
    };

    private long Rest() => Chance(0.2) ? _random.Next(2_000_000) : _random.Next(40_000);

    private bool Chance(double probability) => _random.NextDouble() < probability;

    private double Pick(params ReadOnlySpan<double> values) => values[_random.Next(values.Length)];
}
