using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary><c>demo</c> as a script runs it, and as a person does. Each test runs the real executable.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_WithoutTerminal_ShowsItsSixStepsAndExits0()
    {
        ProcessResult result = await ProxyExecutable.RunAsync(["demo"]);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Equal("", result.Error);
        Assert.Contains("0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 21 11 00 0c", result.Output);
        string[] held = [.. result.Output.Split('\n').Where(l => l.StartsWith("   OK: "))];
        Assert.Equal(7, held.Length);
        Assert.Contains("upstream a knows the client by its own address", held[0]);
        Assert.Contains("failover at once", held[1]);
        Assert.Contains("failover at the timeout", held[2]);
        Assert.Contains("no wait for the timeout", held[3]);
        Assert.Contains("failback", held[4]);
        Assert.Contains("skipped: the client has b's answer", held[5]);
        Assert.Contains("back in its place", held[6]);
        Assert.DoesNotContain("HOLD", result.Output);
        Assert.DoesNotContain('\e', result.Output);
        Assert.DoesNotContain("started again", result.Output);
        AssertFits(result.Output.Split('\n'));
    }

    /// <summary>Through a pseudo-terminal, in the order in which a person would try it.</summary>
    [Fact]
    public async Task Demo_OnATerminal_ObeysAndTellsWhatHappens()
    {
        using var demo = StartOnTerminal();
        await Said(demo, "With both stopped the client is reset (curl: Recv failure).");
        IPEndPoint proxy = IPEndPoint.Parse(Regex.Match(demo.Output.ToString(), @"The proxy listens on (\S+)\.").Groups[1].Value);

        await Type(demo, "stop c", "not understood: \"stop c\"; upstreams are a and b");
        await Type(demo, "stop", "not understood: \"stop\"; upstreams are a and b");
        await Type(demo, "dance", "not understood: \"dance\"; type help");
        await Type(demo, new string('x', 60), $"not understood: \"{new string('x', 29)}...\"; type help");

        string client = Visit(proxy, reset: false);
        await Said(demo, $"         PROXY v2, IPv4, source {client}, destination {proxy}");
        await Said(demo, $"session  {client}: a connected after ");
        await Said(demo, " ms; client.relay.ended");

        await Type(demo, "unhealthy a", "the health of a is stopped; the proxy asks it every second");
        await Said(demo, "health   upstream a is down: ");
        string socket = Regex.Match(demo.Output.ToString(), @"status --socket (\S+)").Groups[1].Value;
        ProcessResult status = await ProxyExecutable.RunAsync(["status", "--socket", socket]);
        Assert.True(status.ExitCode == 0, status.Error);
        Assert.Matches(@"\ba\b.*\bdown\b", status.Output);
        client = Visit(proxy, reset: false, upstream: "b");
        await Said(demo, $"session  {client}: b connected after ");
        await Type(demo, "healthy a", "the health of a is started; the proxy asks it every second");
        await Said(demo, "health   upstream a is up: status 200");
        client = Visit(proxy, reset: false);
        await Said(demo, $"session  {client}: a connected after ");

        await Type(demo, "stop a", "upstream a is stopped, upstream b is started");
        AssertPromptsBetween(demo, "upstream a is up", "upstream a is stopped");
        await Type(demo, "stop b", "no upstream is left to accept: the next client is reset (curl: Recv failure)");
        client = Visit(proxy, reset: true);
        await Said(demo, $"session  {client}: a refused after ");

        Assert.DoesNotContain("All six steps held.", demo.Output.ToString());
        await Type(demo, "tour", "every stopped server is started again");
        await Said(demo, "All six steps held.");
        Assert.Equal(1, Count(demo, "  stop a "));
        demo.WriteInput("help\n");
        await Eventually.EqualsAsync(2, () => Count(demo, "  stop a "), "the help once more");
        AssertPromptsBetween(demo, "All six steps held.", "Try it in another terminal");

        demo.WriteInput("quit\n");
        Assert.Equal(0, await demo.WaitForExitAsync());
        await demo.Output.Ended.WaitAsync(Deadline.Patient);
        AssertFits(Text(demo).Split('\n'));
    }

    private static ChildProcess StartOnTerminal()
    {
        Dictionary<string, string?> environment = new(ProxyExecutable.Environment) { ["TERM"] = "dumb" };
        return ChildProcess.Start("script", ["-qec", $"'{ProxyExecutable.FilePath}' demo", "/dev/null"], environment, keepInput: true);
    }

    private static Task Type(ChildProcess demo, string line, string answer)
    {
        demo.WriteInput(line + "\n");
        return Said(demo, answer);
    }

    private static Task Said(ChildProcess demo, string text) =>
        Eventually.HoldsAsync(() => Text(demo).Contains(text, StringComparison.Ordinal), text, detail: () => Text(demo));

    /// <summary>A client that says something and ends; its own address.</summary>
    private static string Visit(IPEndPoint proxy, bool reset, string upstream = "a")
    {
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Stream,
            ProtocolType.Tcp) { ReceiveTimeout = (int)Deadline.Patient.TotalMilliseconds };
        client.Connect(proxy);
        string address = client.LocalEndPoint!.ToString()!;
        byte[] answer = new byte[256];
        if (reset) Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => client.Receive(answer)).SocketErrorCode);
        else
        {
            client.Send("hi\n"u8);
            Assert.Equal($"upstream {upstream}: hello {address}, you said hi\n",
                Encoding.UTF8.GetString(answer, 0, client.Receive(answer)));
        }
        return address;
    }

    private static string Text(ChildProcess demo) => demo.Output.ToString().Replace("\r", "", StringComparison.Ordinal);

    /// <summary>Up to the last occurrence of the second text.</summary>
    private static void AssertPromptsBetween(ChildProcess demo, string first, string last)
    {
        string text = Text(demo);
        int begin = text.IndexOf(first, StringComparison.Ordinal);
        Assert.Contains("\n> ", text[begin..text.LastIndexOf(last, StringComparison.Ordinal)]);
    }

    private static int Count(ChildProcess demo, string text) => Text(demo).Split(text).Length - 1;

    private static void AssertFits(string[] lines) => Assert.All(lines, line => Assert.InRange(line.TrimEnd('\r').Length, 0, 79));
}
