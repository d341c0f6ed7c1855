using FastTcpProxy.Daemon.Cli.Client;
using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Host;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>
/// A command that talks to a running proxy: which proxy it asks, and where it reports the result. One task at a time. Nothing that the
/// proxy sent reaches a terminal unescaped.
/// </summary>
/// <param name="client">Its owner disposes it.</param>
/// <param name="isJson">Whether a program reads standard output.</param>
internal sealed class AdminOperation(AdminClient client, bool isJson)
{
    /// <summary>If-Match does not hold any more (RFC 9110, section 15.5.13).</summary>
    private const int ChangedMeanwhile = 412;

    /// <summary>The state directory could not be written (RFC 4918, section 11.5).</summary>
    private const int CannotStore = 507;

    public AdminClient Client { get; } = client;

    public bool IsJson { get; } = isJson;

    /// <summary>Prints the answer as it came, or a text for people.</summary>
    /// <param name="answer">JSON.</param>
    /// <param name="text">Drawn for a screen; called only where people read.</param>
    public void Print(byte[] answer, Func<Screen, string> text) =>
        Console.Out.Write(IsJson ? JsonText.Escape(answer) : text(Screen.OfStandardOutput()));

    /// <summary>Prints a line for people, nothing for programs.</summary>
    public void Say(string line)
    {
        if (!IsJson) TerminalLine.Say(line);
    }

    /// <summary>What did not fail and will surprise, on standard error for both.</summary>
    public static void Warn(string line) => TerminalLine.Complain($"warning: {line}");

    /// <summary>Says what went wrong.</summary>
    /// <returns>The exit code for it.</returns>
    public static int Fail(string line, int code = ExitCodes.Failed)
    {
        TerminalLine.Complain($"error: {line}");
        return code;
    }

    /// <exception cref="AdminClientException">There is no answer, or no status.</exception>
    public async Task<StatusDocument> ReadStatusAsync() =>
        (await Client.GetAsync(AdminPaths.Status)).Read(DocumentContext.Default.StatusDocument, "status");

    /// <summary>The refusal for people: its words where it has some, and whom they could have meant.</summary>
    public async Task<string> ExplainAsync(AdminRefusedException refusal)
    {
        if (refusal is not { Status: (>= 400 and < 500) or CannotStore, Problem.Detail: var detail }) return refusal.Message;
        if (refusal.Status == ChangedMeanwhile)
            return $"another operator has changed it meanwhile, and nothing was "
                + $"done: {OverrideText.DescribeAny(refusal.Problem.Current, DateTime.UtcNow)}. Repeat the command if it is still right";
        if (refusal.Names is not { } names) return detail;
        try
        {
            return NameHint.For(names, (await ReadStatusAsync()).Services) ?? detail;
        }
        catch (AdminClientException)
        {
            return detail;
        }
    }
}
