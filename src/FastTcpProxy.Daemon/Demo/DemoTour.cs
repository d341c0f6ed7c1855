using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Headers;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// The tour: six abilities of the proxy, each performed and measured while it is shown. A step that does not hold says so. One thread.
/// </summary>
internal sealed class DemoTour(DemoStage stage, TextWriter output)
{
    /// <summary>
    /// What a step may take beyond what it waits for: far above what a busy machine needs, far below what a person calls quick.
    /// </summary>
    private const double ToleranceMs = 3000;

    /// <summary>What an operator has set is cut here, so that the line fits.</summary>
    private const int LineMax = 75;

    private bool _holds = true;

    /// <summary>Goes through the steps; both upstreams are up afterwards. True when all held, or when it did not start.</summary>
    public bool Run()
    {
        if (Hindered("The tour shows the proxy as it is configured, and does not start:")) return true;
        DemoServer[] all = [stage.A, stage.B, stage.HealthOfA, stage.HealthOfB];
        if (all.Any(server => server.State != DemoServerState.Started))
        {
            stage.ForgetHealth();
            foreach (DemoServer server in all.Where(s => s.State != DemoServerState.Started)) server.Start();
            output.WriteLine("every stopped server is started again");
            if (!stage.IsServing("a")) stage.WaitForHealth("a", HealthState.Up);
        }
        ShowHeader();
        ShowRefused();
        ShowSilent();
        ShowHedge();
        ShowFailback();
        ShowHealth();
        output.WriteLine();
        output.WriteLine(_holds ? "All six steps held." : "NOT all steps held: see above.");
        if (!_holds) Hindered("An operator has changed something meanwhile:");
        return _holds;
    }

    /// <summary>Says which overrides decide in place of the steps, and how to clear them.</summary>
    private bool Hindered(string heading)
    {
        IReadOnlyList<(string What, string? Undo)> all = stage.Interventions;
        if (all.Count == 0) return false;
        output.WriteLine(heading);
        foreach ((string what, string? undo) in all)
        {
            output.WriteLine($"   {OneLine.Escape(what, LineMax)}");
            if (undo is not null) output.WriteLine(DemoText.Command("      ", $"{undo} --socket {stage.AdminSocket}"));
        }
        bool canUndo = all.Any(intervention => intervention.Undo is not null);
        output.WriteLine(canUndo ? "Clear it in another terminal, as shown, and type tour again." : "Start the demo again.");
        return true;
    }

    private void ShowHeader()
    {
        Heading("1. The upstream learns who the client is");
        DemoVisit visit = DemoVisit.Make(stage);
        output.WriteLine($"   The client at {visit.Client} connects to {stage.Listen} and says hello.");
        if (visit.Arrival is { } arrival)
        {
            output.WriteLine(
                $"   Upstream {arrival.Upstream} gets this PROXY v2 header first, {Counted.Of(arrival.Header.Length, "byte")}:");
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
            && visit.Milliseconds < ToleranceMs, $"failover at once: the client has b's answer after {Format(visit.Milliseconds)} ms");
    }

    private void ShowSilent()
    {
        double timeout = stage.ConnectTimeout.TotalMilliseconds;
        Heading("3. The primary is silent: connects get no answer");
        output.WriteLine($"   The connectTimeout is {timeout:0} ms in this demo; the default is 5 s.");
        stage.A.FallSilent();
        DemoVisit visit = DemoVisit.Make(stage);
        Attempts(visit);
        Answer(visit);
        // The engine's clock ticks: an attempt may end a tick before the full time as another clock sees it.
        Check(visit.Attempts is [{ Outcome: AttemptOutcome.TimedOut }, { Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "b")
            && visit.Milliseconds > timeout * 0.95 && visit.Milliseconds < timeout + ToleranceMs,
            $"failover at the timeout: the client has b's answer after {Format(visit.Milliseconds)} ms");
    }

    private void ShowHedge()
    {
        double delay = stage.HedgeDelay.TotalMilliseconds;
        Heading("4. The same, where the service has \"hedge\"");
        output.WriteLine($"   After {delay:0} ms without an answer the next upstream is tried beside the first.");
        DemoVisit visit = DemoVisit.Make(stage, isHedged: true);
        Attempts(visit);
        Answer(visit);
        Check(visit.Attempts is [{ Outcome: AttemptOutcome.Superseded }, { Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "b")
            && visit.Milliseconds > delay * 0.95 && visit.Milliseconds < delay + ToleranceMs,
            $"no wait for the timeout: the client has b's answer after {Format(visit.Milliseconds)} ms");
    }

    private void ShowFailback()
    {
        Heading("5. The primary is back");
        stage.A.Start();
        DemoVisit visit = DemoVisit.Make(stage);
        Attempts(visit);
        Answer(visit);
        Check(visit.Attempts is [{ Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "a") && visit.Milliseconds < ToleranceMs,
            $"failback with the next client: it has a's answer after {Format(visit.Milliseconds)} ms");
    }

    private void ShowHealth()
    {
        Heading("6. The primary's health service stops, while its port still accepts");
        stage.ForgetHealth();
        stage.HealthOfA.Stop();
        bool left = stage.WaitForHealth("a", HealthState.Down);
        output.WriteLine(
            $"   A check every second, each against http://{stage.HealthOfA.Address}/: a is {(left ? "down" : "still there")}.");
        DemoVisit visit = DemoVisit.Make(stage);
        Attempts(visit);
        Answer(visit);
        Check(left && visit.Attempts is [{ Outcome: AttemptOutcome.Connected }] && IsAnswered(visit, "b")
            && visit.Milliseconds < ToleranceMs,
            $"skipped: the client has b's answer after {Format(visit.Milliseconds)} ms");
        stage.HealthOfA.Start();
        bool back = stage.WaitForHealth("a", HealthState.Up);
        Check(back && IsAnswered(DemoVisit.Make(stage), "a"), "back in its place: the next client has a's answer");
    }

    private static bool IsAnswered(DemoVisit visit, string upstream) =>
        visit.Answer.StartsWith($"upstream {upstream}: hello {visit.Client}", StringComparison.Ordinal);

    private static string Format(double milliseconds) => milliseconds.ToString("0.0", CultureInfo.InvariantCulture);

    private void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(DemoText.Bold(text));
    }

    private void Attempts(DemoVisit visit)
    {
        output.WriteLine($"   A new client, {visit.Client}; the proxy tries:");
        if (visit.Attempts.Count == 0) output.WriteLine("      nothing");
        foreach (DemoAttempt attempt in visit.Attempts) output.WriteLine("      " + attempt);
    }

    private void Answer(DemoVisit visit) =>
        output.WriteLine($"   The client reads: {(visit.Answer.Length == 0 ? "nothing" : visit.Answer)}");

    private void Check(bool holds, string what)
    {
        _holds &= holds;
        output.WriteLine(holds ? $"   OK: {what}" : $"   DOES NOT HOLD:\n      {what}");
    }
}
