using System.Globalization;
using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.Engine.Sessions;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// The tour: four things that the proxy does, each done for real and measured while it is shown. A step that does not hold says so. One thread.
/// </summary>
internal sealed class DemoTour(DemoStage stage, TextWriter output)
{
    /// <summary>What a step may take beyond what it waits for: far above what a busy machine needs, far below what a person calls quick.</summary>
    private const double ToleranceMs = 3000;

    private bool _holds = true;

    /// <summary>Goes through the steps; both upstreams are up afterwards. True when all held.</summary>
    public bool Run()
    {
        stage.A.Start();
        stage.B.Start();
        ShowHeader();
        ShowRefused();
        ShowSilent();
        ShowFailback();
        output.WriteLine();
        output.WriteLine(_holds ? "All four held." : "NOT all held: see above.");
        return _holds;
    }

    private void ShowHeader()
    {
        Heading("1. The upstream learns who the client is");
        DemoVisit visit = DemoVisit.Make(stage);
        output.WriteLine($"   The client at {visit.Client} connects to the proxy at {stage.Listen} and says hello.");
        if (visit.Arrival is { } arrival)
        {
            output.WriteLine($"   Upstream {arrival.Upstream} gets this PROXY v2 header first, {arrival.Header.Length} bytes:");
            foreach (string row in HeaderText.Dump(arrival.Header)) output.WriteLine("      " + row);
            output.WriteLine("   which says:");
            foreach (string line in arrival.Lines) output.WriteLine("      " + line);
        }
        Answer(visit);
        Check(visit.Arrival is { Upstream: "a" } a && a.Client == visit.Client && a.Header[0] == 0x0D && IsAnswered(visit, "a"),
            "upstream a knows the client by its own address");
    }

    private void ShowRefused()
    {
        Heading("2. The primary is stopped: connects are refused");
        stage.A.Stop();
        DemoVisit visit = DemoVisit.Make(stage);
        Attempts(visit);
        Answer(visit);
        Check(visit.Attempts is [{ Outcome: AttemptOutcome.Refused }, { Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "b")
            && visit.Milliseconds < ToleranceMs, $"failover at once: the client had its answer from b after {Format(visit.Milliseconds)} ms");
    }

    private void ShowSilent()
    {
        double timeout = stage.ConnectTimeout.TotalMilliseconds;
        Heading("3. The primary is silent: connects get no answer");
        output.WriteLine($"   connectTimeout is {timeout:0} ms in this demo, so that you need not wait; 5 s is the default.");
        stage.A.FallSilent();
        DemoVisit visit = DemoVisit.Make(stage);
        Attempts(visit);
        Answer(visit);
        // The engine's clock ticks: an attempt may end a tick before the full time as another clock sees it.
        Check(visit.Attempts is [{ Outcome: AttemptOutcome.TimedOut }, { Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "b")
            && visit.Milliseconds > timeout * 0.95 && visit.Milliseconds < timeout + ToleranceMs,
            $"failover at the timeout: the client had its answer from b after {Format(visit.Milliseconds)} ms");
    }

    private void ShowFailback()
    {
        Heading("4. The primary is back");
        stage.A.Start();
        DemoVisit visit = DemoVisit.Make(stage);
        Attempts(visit);
        Answer(visit);
        Check(visit.Attempts is [{ Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "a") && visit.Milliseconds < ToleranceMs,
            $"failback with the next client: it had its answer from a after {Format(visit.Milliseconds)} ms");
    }

    private static bool IsAnswered(DemoVisit visit, string upstream) =>
        visit.Answer.StartsWith($"upstream {upstream}: hello {visit.Client}", StringComparison.Ordinal);

    private static string Format(double milliseconds) => milliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(DemoText.Bold(text));
    }

    private void Attempts(DemoVisit visit) =>
        output.WriteLine($"   A new client, {visit.Client}; the proxy tries: "
            + (visit.Attempts.Count == 0 ? "nothing" : string.Join(", ", visit.Attempts)));

    private void Answer(DemoVisit visit) => output.WriteLine($"   The client reads: {(visit.Answer.Length == 0 ? "nothing" : visit.Answer)}");

    private void Check(bool holds, string what)
    {
        _holds &= holds;
        output.WriteLine(holds ? $"   OK: {what}" : $"   DOES NOT HOLD: {what}");
    }
}
