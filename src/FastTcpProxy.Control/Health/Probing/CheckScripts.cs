using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// The dialogue of each type of check without HTTP. The ready-made ones end as their protocol wants it, so that the server does not count
/// or log a client that broke off. Pure functions, any thread.
/// </summary>
internal static class CheckScripts
{
    // The last line of a reply has a space, or nothing, behind its code (RFC 5321, section 4.2.1).
    private static readonly Regex SmtpGreeting = Line(@"(^|\n)220(\r| [^\n]*)?\n");
    private static readonly Regex SmtpDone = Line(@"(^|\n)250(\r| [^\n]*)?\n");
    private static readonly Regex SmtpBye = Line(@"(^|\n)221(\r| [^\n]*)?\n");

    // RFC 9051, sections 7.1 and 6.1.3: the answer to the command follows the BYE.
    private static readonly Regex ImapGreeting = Line(@"(^|\n)\* (OK|PREAUTH)[^\n]*\n");
    private static readonly Regex ImapDone = Line(@"(^|\n)a OK[^\n]*\n");

    // RFC 1939, section 3.
    private static readonly Regex Pop3Done = Line(@"(^|\n)\+OK[^\n]*\n");

    public static ImmutableArray<DialogueStep> Of(HealthCheckConfiguration config) => config.Type switch
    {
        CheckType.Smtp =>
        [
            Expect("greeting", SmtpGreeting), Send("EHLO", $"EHLO {Introduce(config.Helo)}\r\n"), Expect("EHLO", SmtpDone),
            Send("QUIT", "QUIT\r\n"), Expect("QUIT", SmtpBye),
        ],
        CheckType.Imap => [Expect("greeting", ImapGreeting), Send("LOGOUT", "a LOGOUT\r\n"), Expect("LOGOUT", ImapDone)],
        CheckType.Pop3 => [Expect("greeting", Pop3Done), Send("QUIT", "QUIT\r\n"), Expect("QUIT", Pop3Done)],
        CheckType.Mysql => MysqlDialogue.Login(config.User!),
        CheckType.Postgresql => PostgresqlDialogue.Of(config.User),
        _ => config.Steps.IsEmpty ? OfOneAnswer(config) : OfSteps(config),
    };

    private static ImmutableArray<DialogueStep> OfOneAnswer(HealthCheckConfiguration config)
    {
        var steps = ImmutableArray.CreateBuilder<DialogueStep>();
        if (!config.Content.IsEmpty) steps.Add(new SendStep("", BytesOf(config.Content.Items)));
        if (config.Expect.Body is { } pattern) steps.Add(new ExpectStep("", pattern));
        return steps.DrainToImmutable();
    }

    private static ImmutableArray<DialogueStep> OfSteps(HealthCheckConfiguration config) =>
    [
        .. config.Steps.Select((step, index) => step.Expect is { } pattern
            ? (DialogueStep)new ExpectStep($"step {index + 1}", pattern)
            : new SendStep($"step {index + 1}", BytesOf(step.Send.Items))),
    ];

    private static byte[] BytesOf(ImmutableArray<byte> bytes) => ImmutableCollectionsMarshal.AsArray(bytes)!;

    private static SendStep Send(string name, string text) => new(name, Encoding.ASCII.GetBytes(text));

    private static ExpectStep Expect(string name, Regex expression) =>
        new(name, new ContentPattern($"/{expression}/", [], expression));

    /// <summary>A DNS name as it is, an address as a literal (RFC 5321, section 4.1.3).</summary>
    private static string Introduce(string? helo) => helo is null ? "localhost"
        : !IPAddress.TryParse(helo, out IPAddress? address) ? helo
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";

    private static Regex Line(string expression) => new(expression,
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, ConfigurationLimits.PatternTimeMax);
}
