using System.Globalization;
using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Health.Probing;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>
/// Each fault of a server at each step of each dialogue: the check ends in its time, names the step and the cause, keeps no socket, and is
/// good again with the server.
/// </summary>
public sealed class DialogueFaultTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    /// <summary>The row of a socket in /proc/net/tcp (proc_net_tcp): its far end, and its number, 0 without a descriptor.</summary>
    private const int FarEnd = 2, Inode = 9;

    [Theory]
    [InlineData(CheckType.Smtp, "greeting", "EHLO", "QUIT")]
    [InlineData(CheckType.Imap, "greeting", "LOGOUT")]
    [InlineData(CheckType.Pop3, "greeting", "QUIT")]
    [InlineData(CheckType.Mysql, "greeting", "login of \"check\"")]
    [InlineData(CheckType.Postgresql, "login of \"check\"")]
    [InlineData(CheckType.Tcp, "step 1", "step 3", "step 5")]
    public async Task Step_ServerFails_IsNamedInTimeAndTheNextRoundIsGood(CheckType type, params string[] steps)
    {
        DialogueServer server = DialogueServer.Of(type);
        Assert.Equal(steps.Length, server.Answers.Length);

        await Task.WhenAll(
            from step in Enumerable.Range(0, steps.Length)
            from fault in Enum.GetValues<ServerFault>()
            select TryAsync(server, step, steps[step], fault));
    }

    private static async Task TryAsync(DialogueServer server, int step, string name, ServerFault fault)
    {
        bool isWell = false, isSlow = fault is ServerFault.Silent or ServerFault.SilentHalfway or ServerFault.Drips;
        await using Origin origin = new(connection => server.TalkAsync(connection, isWell ? null : (step, fault)));
        HealthCheckConfiguration check = Given.Tcp(origin.EndPoint) with
        {
            Type = server.Type, User = "check", Steps = server.Steps, Timeout = isSlow ? Short : Deadline.Patient,
        };
        using TcpProbe probe = (TcpProbe)Given.Probe(check);

        ProbeResult result = await probe.RunAsync(CancellationToken.None);

        string what = $"{server.Type}, {name}, {fault}: {result.Text}";
        (ProbeFailure[] failures, string text) = Expected(fault, server.Answers[step]);
        Assert.True(failures.Contains(result.Failure!.Value), $"{what} ({result.Failure})");
        // A reset in place of a greeting, or in the middle of one, may come before the connect has returned.
        bool isOfConnect = step == 0 && fault is (ServerFault.Resets or ServerFault.ResetsHalfway)
            && result.Text.StartsWith("connect reset by ", StringComparison.Ordinal);
        Assert.True(isOfConnect || result.Text.StartsWith(name + ": ", StringComparison.Ordinal), what);
        Assert.True(isOfConnect || result.Text.Contains(text, StringComparison.Ordinal), what);
        if (isSlow) Assert.True(result.Duration >= Short && result.Duration < Deadline.Patient, $"{what} after {result.Duration}");
        Assert.True(probe.Received <= ProbeLimits.ContentBytesMax + 1, $"{what}: {probe.Received} bytes were read");
        Assert.True(SocketsTo(origin.EndPoint) == 0, $"{what}: a socket is left");
        await Eventually.EqualsAsync(0, () => origin.OpenCount, "the server has no connection left: " + what);

        isWell = true;
        result = await probe.RunAsync(CancellationToken.None);
        Assert.True(result.IsGood, $"the round after {what}: {result.Text}");
    }

    private static (ProbeFailure[] Failures, string Text) Expected(ServerFault fault, DialogueAnswer answer) => fault switch
    {
        ServerFault.Silent => ([ProbeFailure.ResponseTimeout], "timed out waiting for the answer"),
        ServerFault.SilentHalfway => ([ProbeFailure.ResponseTimeout], $": \"{answer.HalfShown}"),
        ServerFault.Drips => ([ProbeFailure.ResponseTimeout], $": \"{answer.HalfShown[..Math.Min(1, answer.HalfShown.Length)]}"),
        ServerFault.Closes => ([ProbeFailure.Disconnected], "the connection was closed before any answer"),
        ServerFault.ClosesHalfway => ([ProbeFailure.Disconnected, ProbeFailure.Content], $": \"{answer.HalfShown}"),
        ServerFault.Resets => ([ProbeFailure.Disconnected], "the connection was reset before any answer"),
        ServerFault.ResetsHalfway =>
            ([ProbeFailure.Disconnected, ProbeFailure.Content], "the connection was reset in the middle of the answer"),
        _ => ([ProbeFailure.TooLarge, ProbeFailure.Protocol], ": "),
    };

    /// <summary>The sockets of this machine that some process still has open to an address.</summary>
    private static int SocketsTo(IPEndPoint address)
    {
        string port = ":" + address.Port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(row => row[FarEnd].EndsWith(port, StringComparison.Ordinal) && row[Inode] != "0");
    }
}
