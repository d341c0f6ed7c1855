using System.Diagnostics;
using System.Globalization;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>
/// A process that changes overrides without a pause is killed at any moment of a write, a hundred times: what is left is the old state or
/// the new one.
/// </summary>
public sealed class KilledWriterTests
{
    private const int Kills = 100;

    /// <summary>Each with a directory of its own; they share two cores.</summary>
    private const int Writers = 4;

    [Fact]
    public async Task KillMinus9_AtAnyMoment_LeavesTheOldStateOrTheNew()
    {
        int seed = Environment.TickCount;
        int[][] counts =
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => Task.Run(() => KillAsync(new Random(seed + i), Kills / Writers))));

        (int old, int next, int inTheMiddle) = (counts.Sum(c => c[0]), counts.Sum(c => c[1]), counts.Sum(c => c[2]));
        TestContext.Current.SendDiagnosticMessage($"seed {seed}: {Kills} kills, {old} left the last answered state, {next} the one after "
            + $"it; {inTheMiddle} in the middle of a write");
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {Kills} kills, {old} left the last answered state, {next} the one "
            + $"after it; {inTheMiddle} in the middle of a write");
        Assert.Equal(Kills, old + next);
        // Else it was not about kills in a write.
        Assert.True(inTheMiddle > 0, "no kill met a write");
    }

    private static async Task<int[]> KillAsync(Random random, int kills)
    {
        using TempFolder folder = new("state");
        int[] counts = new int[3];
        long expected = 0;
        for (int i = 0; i < kills; i++)
        {
            using ChildProcess writer = ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "FastTcpProxy.StateWriter"),
                [folder.Path]);
            string found = await writer.Output.WaitForLineAsync(line => line.StartsWith("found ", StringComparison.Ordinal),
                "it has read its state");
            Assert.Equal($"found {expected}", found);
            long last = expected + random.Next(1, 20);
            await writer.Output.WaitForLineAsync(line => line == $"answered {last}", "it has made some changes");
            long until = Stopwatch.GetTimestamp() + random.Next((int)(Stopwatch.Frequency / 200));
            while (Stopwatch.GetTimestamp() < until) Thread.SpinWait(20);
            writer.Signal(UnixSignal.Kill);
            await writer.WaitForExitAsync();
            await writer.Output.Ended;
            long answered = long.Parse(writer.Output.Snapshot()
                .Last(line => line.StartsWith("answered ", StringComparison.Ordinal))["answered ".Length..], CultureInfo.InvariantCulture);

            if (File.Exists(folder["overrides.json.new"])) counts[2]++;
            RecordingOverrideObserver observer = new();
            OverrideSnapshot snapshot = new OverrideFile(folder.Path).Load(observer, out _)!;
            Assert.Empty(observer.Events);
            Assert.Equal(64, snapshot.Count);
            Assert.All(snapshot.All.Where(o => o.Key.Upstream != "u0"), o => Assert.Equal(new string('r', 256), o.Reason));
            UpstreamOverride left = snapshot.Of("s", "u0")!;
            expected = long.Parse(left.Reason, CultureInfo.InvariantCulture);
            Assert.Equal(expected % 2 == 0 ? OverrideState.Disabled : OverrideState.Draining, left.State);
            Assert.InRange(expected, answered, answered + 1);
            counts[expected - answered]++;
        }
        return counts;
    }
}
