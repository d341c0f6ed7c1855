using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Compare.Tests.Contestants;

/// <summary>A contestant that does not do what it should is named, with its last words.</summary>
public sealed class RunningContestantTests
{
    [Fact]
    public void WaitListening_ItDies_NamesItWithItsLastLines()
    {
        using TempFolder folder = new("compare");
        string program = folder.Write("broken", "#!/bin/sh\nfor i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo \"line $i\" >&2; done\nexit 7\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        int[] ports = ListeningPorts.FindFree(2);
        using RunningContestant running = RunningContestant.Start(
            new("broken", ContestantKind.FastTcpProxy, program, "1", IsJustInTime: false),
            new(ports[1], ports[0], ProxyMode.Raw, 1, 10), []);
        string message = Assert.Throws<ContestantException>(running.WaitListening).Message;
        Assert.StartsWith($"broken ({program}) died with exit code 7; its last lines:\n  line 3\n", message);
        Assert.EndsWith("\n  line 12", message);
    }

    [Fact]
    public void Start_NoProgram_NamesIt()
    {
        Contestant contestant = new("gone", ContestantKind.FastTcpProxy, "/nowhere/fasttcpproxy", "1", IsJustInTime: false);
        ContestantException error =
            Assert.Throws<ContestantException>(() => RunningContestant.Start(contestant, new(8101, 8100, ProxyMode.Raw, 1, 10), []));
        Assert.StartsWith("gone: /nowhere/fasttcpproxy cannot be started: ", error.Message);
    }

    [Fact]
    public void LastLines_Many_KeepsTheLastOnesAndCutsLongOnes()
    {
        LastLines lines = new();
        for (int i = 0; i <= LastLines.LinesMax; i++) lines.Add($"{i}");
        lines.Add(null);
        lines.Add(" ");
        Assert.Equal(Enumerable.Range(1, LastLines.LinesMax).Select(i => $"{i}"), lines.ToArray());
        lines.Add(new string('x', LastLines.LineLengthMax + 1));
        Assert.Equal(LastLines.LineLengthMax, lines.ToArray()[^1].Length);
    }
}
