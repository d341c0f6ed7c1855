using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Control.Tests.Health.Probing;

/// <summary>What a server does in the place of an answer.</summary>
internal enum ServerFault
{
    Silent,
    SilentHalfway,
    Drips,
    Closes,
    ClosesHalfway,
    Resets,
    ResetsHalfway,
    NeverEnds,
}

/// <summary>What the server says at a step.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Endless">What it could say again and again in its place, after a beginning.</param>
internal sealed record DialogueAnswer(string Text, string Endless, string Begin = "")
{
    public string Half => Text[..(Text.Length / 2)];

    /// <summary>The first printable part of it, as a text shows it.</summary>
    public string HalfShown => new([.. Half.TakeWhile(c => c is >= ' ' and < '\u007f')]);
}

/// <summary>The server's side of a dialogue: its answers, and what the client says before each of them. Immutable.</summary>
internal sealed record DialogueServer(CheckType Type, DialogueAnswer[] Answers, Func<OriginConnection, int, Task> Hear)
{
    private static readonly TimeSpan Drip = TimeSpan.FromMilliseconds(250);

    /// <summary>Those of a check that a user wrote.</summary>
    public ImmutableArray<CheckStep> Steps => Type != CheckType.Tcp ? [] :
    [
        new CheckStep([], Given.Text("220 ready")), new CheckStep([.. "HELO\n"u8], null),
        new CheckStep([], Given.Text("250 hello")), new CheckStep([.. "QUIT\n"u8], null), new CheckStep([], Given.Text("221 goodbye")),
    ];

    public static DialogueServer Of(CheckType type) => type switch
    {
        CheckType.Smtp => new(type, [new("220 mail ready\r\n", "220-more\r\n"), new("250-mail\r\n250 HELP\r\n", "250-more\r\n"),
            new("221 goodbye\r\n", "221-more\r\n")], Lines),
        CheckType.Imap => new(type, [new("* OK ready\r\n", "x", "* OK "), new("* BYE\r\na OK done\r\n", "* BYE\r\n")], Lines),
        CheckType.Pop3 => new(type, [new("+OK ready\r\n", "x", "+OK "), new("+OK goodbye\r\n", "x", "+OK ")], Lines),
        // A greeting of version 10, and OK; what never ends is the "more data" of a login.
        CheckType.Mysql => new(type, [new("\u0012\0\0\0\u000a8.0 and something", "x"),
            new("\u0007\0\0\u0002\0\0\0\u0002\0\0\0", "\u0001\0\0\u0002\u0001")], Packets),
        CheckType.Postgresql => new(type, [new("R\0\0\0\u0008\0\0\0\0Z\0\0\0\u0005I", "S\0\0\0\u0008a\0b\0")], async (connection, _) =>
            await connection.ReadExactlyAsync((await connection.ReadExactlyAsync(4))[3] - 4)),
        _ => new(type, [new("220 ready\r\n", "x"), new("250 hello\r\n", "x"), new("221 goodbye\r\n", "x")], Lines),
    };

    public async Task TalkAsync(OriginConnection connection, (int Step, ServerFault Kind)? fault)
    {
        for (int i = 0; i < Answers.Length; i++)
        {
            await Hear(connection, i);
            if (fault?.Step != i)
            {
                await connection.SendAsync(Answers[i].Text);
                continue;
            }
            await FailAsync(connection, Answers[i], fault.Value.Kind);
            return;
        }
        await connection.HoldAsync();
    }

    private static async Task FailAsync(OriginConnection connection, DialogueAnswer answer, ServerFault fault)
    {
        switch (fault)
        {
            case ServerFault.SilentHalfway or ServerFault.ClosesHalfway or ServerFault.ResetsHalfway:
                await connection.SendAsync(answer.Half);
                // A reset takes what was not read yet with it.
                if (fault == ServerFault.ResetsHalfway) await Eventually.HoldsAsync(() => IsRead(connection.Peer), "the half is read");
                break;
            case ServerFault.Drips:
                foreach (char c in answer.Text)
                {
                    await connection.SendAsync(c.ToString());
                    await Task.Delay(Drip, connection.Stop);
                }
                break;
            case ServerFault.NeverEnds:
                await connection.SendAsync(answer.Begin);
                await connection.SendForeverAsync(string.Concat(Enumerable.Repeat(answer.Endless, 100)));
                break;
        }
        if (fault is ServerFault.Resets or ServerFault.ResetsHalfway) connection.Socket.LingerState = new LingerOption(true, 0);
        if (fault is ServerFault.Silent or ServerFault.SilentHalfway or ServerFault.Drips) await connection.HoldAsync();
    }

    private static bool IsRead(IPEndPoint client)
    {
        string port = ":" + client.Port.ToString("X4", CultureInfo.InvariantCulture);
        return File.ReadLines("/proc/net/tcp").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(row => row[1].EndsWith(port, StringComparison.Ordinal) && row[4].EndsWith(":00000000", StringComparison.Ordinal));
    }

    private static async Task Lines(OriginConnection connection, int index)
    {
        if (index == 0) return;
        while ((await connection.ReadExactlyAsync(1))[0] != '\n')
        {
        }
    }

    private static async Task Packets(OriginConnection connection, int index)
    {
        if (index == 0) return;
        byte[] head = await connection.ReadExactlyAsync(4);
        await connection.ReadExactlyAsync(head[0]);
    }
}
