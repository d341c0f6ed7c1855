using System.Globalization;
using FastTcpProxy.Compare.Load;
using FastTcpProxy.Compare.Measurements;
using FastTcpProxy.Gate.Running;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.Measurements;

/// <summary>
/// The CPU time that a connection and a round trip cost. In a round both builds are under load at once and share one CPU, so that the
/// kernel interleaves them, some milliseconds each: what slows the machine down meanwhile weighs on both alike, which it does not on rounds
/// one after the other. Each has its own load; the loads share the other CPU. The rounds are spread over several processes of each build.
/// One thread.
/// </summary>
internal sealed class CostRounds(GateOptions options, Side ofBase, Side ofHead, int[] loadCpus, TextWriter progress)
{
    public const string ConnectionFigure = "CPU us per connection", RoundTripFigure = "CPU us per round trip";

    private const int Connections = 64;
    private const double RoundWarmUpSeconds = 0.3;

    /// <summary>A just-in-time compiler has to have seen the code often; figures before it settles are those of another program.</summary>
    private const double ConnectionsWarmUpSeconds = 4, RoundTripsWarmUpSeconds = 2;

    /// <summary>Rounds that are run at most for each that is wanted: the others were starved.</summary>
    private const int TriesPerRound = 2;

    private readonly List<CostPair> _connections = [], _roundTrips = [];

    /// <summary>Rounds that were dropped, because another program had the CPUs while they ran.</summary>
    public int Starved { get; private set; }

    /// <exception cref="GateException">The load failed, or too few rounds were not starved.</exception>
    public IReadOnlyList<Verdict> Measure()
    {
        for (int i = 0; i < options.Processes; i++)
        {
            bool baseFirst = i % 2 == 0;
            using ProxyUnderTest first = (baseFirst ? ofBase : ofHead).Start(withProbe: false),
                second = (baseFirst ? ofHead : ofBase).Start(withProbe: false);
            (ProxyUnderTest baseProxy, ProxyUnderTest headProxy) = baseFirst ? (first, second) : (second, first);
            Run(LoadKind.Connections, baseProxy, headProxy, baseFirst, ConnectionsWarmUpSeconds);
            Run(LoadKind.PingPong, baseProxy, headProxy, baseFirst, RoundTripsWarmUpSeconds);
            List<CostPair> connections = [], roundTrips = [];
            // By turns, so that what the compiler does late is in the first rounds of both, where the median leaves it out.
            for (int tried = 0; tried < options.Rounds * TriesPerRound; tried++)
            {
                bool goesFirst = tried % 2 == 0;
                Measure(LoadKind.Connections, baseProxy, headProxy, goesFirst, connections);
                Measure(LoadKind.PingPong, baseProxy, headProxy, goesFirst, roundTrips);
            }
            CostPair? connection = CostPair.Middle(connections), roundTrip = CostPair.Middle(roundTrips);
            if (connection is { } c) _connections.Add(c);
            if (roundTrip is { } r) _roundTrips.Add(r);
            progress.WriteLine(
                $"costs: process {i + 1} of {options.Processes}, connections {Describe(connection)}, "
                + $"round trips {Describe(roundTrip)}; {Starved} rounds starved so far");
            if (i + 1 == Judge.PairsMin && _connections.Count == 0) break;
        }
        return [Decide(ConnectionFigure, _connections), Decide(RoundTripFigure, _roundTrips)];
    }

    /// <summary>Makes one round, unless there are enough of them, and keeps it, unless it was starved.</summary>
    private void Measure(LoadKind kind, ProxyUnderTest baseProxy, ProxyUnderTest headProxy, bool baseFirst, List<CostPair> rounds)
    {
        if (rounds.Count == options.Rounds) return;
        if (Run(kind, baseProxy, headProxy, baseFirst, RoundWarmUpSeconds) is { } round && !IsStarved(round.Base, round.Head))
            rounds.Add(new CostPair(CostUs(round.Base), CostUs(round.Head)));
        else
            Starved++;
    }

    /// <summary>
    /// One round; null when it came to no end, as happens on a machine that stands still for a while. Should a proxy be the cause, no round
    /// will be left.
    /// </summary>
    private (LoadResult Base, LoadResult Head)? Run(LoadKind kind, ProxyUnderTest baseProxy, ProxyUnderTest headProxy, bool baseFirst,
        double warmUpSeconds)
    {
        LoadOptions forBase = Options(kind, ofBase, baseProxy, warmUpSeconds), forHead = Options(kind, ofHead, headProxy, warmUpSeconds);
        try
        {
            using LoadProcess first = LoadProcess.Start(baseFirst ? forBase : forHead, loadCpus),
                second = LoadProcess.Start(baseFirst ? forHead : forBase, loadCpus);
            first.WaitReady();
            second.WaitReady();
            first.Go();
            second.Go();
            LoadResult resultOfFirst = first.ReadResult(), resultOfSecond = second.ReadResult();
            (LoadResult Base, LoadResult Head) round = baseFirst ? (resultOfFirst, resultOfSecond) : (resultOfSecond, resultOfFirst);
            ThrowIfWrong(ofBase, round.Base);
            ThrowIfWrong(ofHead, round.Head);
            return round;
        }
        catch (LoadException e)
        {
            progress.WriteLine($"a round was lost: {e.Message}");
            return null;
        }
    }

    private LoadOptions Options(LoadKind kind, Side side, ProxyUnderTest proxy, double warmUpSeconds) => new()
    {
        Kind = kind,
        Header = HeaderKind.V2,
        ProxyPort = side.Port,
        BackendPort = side.UpstreamPort,
        Connections = Connections,
        WarmUpSeconds = warmUpSeconds,
        Seconds = options.Seconds,
        ProxyProcesses = [proxy.Id],
        Barrier = true,
    };

    private static void ThrowIfWrong(Side side, LoadResult result)
    {
        if (result.Errors > 0) throw new GateException($"{side.Name}: {result.Errors} errors under load, the first: {result.FirstError}");
    }

    /// <summary>
    /// Whether another program had the CPUs, so that neither the proxies nor the loads could do what they would. One that did nothing was
    /// starved too.
    /// </summary>
    private static bool IsStarved(LoadResult ofBase, LoadResult ofHead) =>
        ofBase.Operations == 0 || ofHead.Operations == 0
        || (ofBase.ProxyUtilization + ofHead.ProxyUtilization < Saturation.StarvedBelow && ofBase.LoadUtilization
            + ofHead.LoadUtilization < Saturation.StarvedBelow);

    private static Verdict Decide(string figure, List<CostPair> pairs) => pairs.Count >= Judge.PairsMin
        ? Judge.Statistical(figure, pairs)
        : throw new GateException(
            $"{figure}: only {pairs.Count} processes had the CPUs to themselves, {Judge.PairsMin} are needed: the machine is too busy");

    private static string Describe(CostPair? pair) => pair is { } cost
        ? string.Create(CultureInfo.InvariantCulture, $"{cost.Base:0.00} and {cost.Head:0.00} us ({cost.Ratio - 1:+0.0%;-0.0%})")
        : "starved";

    private static double CostUs(LoadResult result) => result.ProxyCpuSeconds * 1e6 / result.Operations;
}
