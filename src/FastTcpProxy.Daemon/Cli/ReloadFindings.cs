using FastTcpProxy.Daemon.Cli.Display;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>Prints what a running proxy found in a configuration, in the form of <c>check</c>. Used by the main thread.</summary>
internal static class ReloadFindings
{
    /// <summary>The status of an answer that says what is wrong with a configuration.</summary>
    public const int Refused = 422;

    /// <summary>One line each on standard error; nothing where a program has them in its JSON.</summary>
    /// <param name="file">The name to show in place of the proxy's; null: that.</param>
    public static void Print(AdminOperation operation, ReloadDocument document, string? file)
    {
        if (operation.IsJson) return;
        foreach (FindingDocument error in document.Errors) Print(error, "error", file);
        foreach (FindingDocument warning in document.Warnings) Print(warning, "warning", file);
    }

    private static void Print(FindingDocument finding, string severity, string? file) =>
        TerminalLine.Complain($"{file ?? finding.File}:{finding.Line}:{finding.Column}: {severity} {finding.Code}: {finding.Message}");
}
