using System.CommandLine;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Daemon.Cli.Display;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The option <c>--config FILE</c>, and the messages about a file. Used by the main thread.</summary>
internal static class ConfigurationFileOption
{
    public const string Name = "--config";

    public static Option<string> Build()
    {
        Option<string> option = new(Name, "-c")
        {
            Description = "The configuration: JSON with comments and trailing commas. - reads standard input. See `fasttcpproxy schema`.",
            HelpName = "FILE",
            Required = true,
        };
        OptionValues.RefuseEmpty(option, "the path of a configuration");
        return option;
    }

    /// <summary>Loads the file and prints its problems on standard error, one a line.</summary>
    /// <returns>Null when there are errors.</returns>
    public static ProxyConfiguration? Load(string path) => Load(path, out _);

    /// <summary>The same, with what was read.</summary>
    public static ProxyConfiguration? Load(string path, out byte[] text)
    {
        byte[]? read = TryRead(path, out ConfigurationError? error);
        text = read ?? [];
        ConfigurationResult result = read is null
            ? new ConfigurationResult { Errors = [error!], Warnings = [] }
            : ConfigurationLoader.Parse(read, NameOf(path));
        foreach (ConfigurationError problem in result.Errors.Concat(result.Warnings)) Print(problem);
        return result.Configuration;
    }

    /// <summary>The bytes of a file or of standard input; null and why there are none.</summary>
    public static byte[]? TryRead(string path, out ConfigurationError? error)
    {
        if (path != ConfigurationFile.StandardInput) return ConfigurationFile.TryRead(path, out error);
        using Stream input = Console.OpenStandardInput();
        return ConfigurationFile.TryReadStandardInput(input, out error);
    }

    /// <summary>How messages name the file.</summary>
    public static string NameOf(string path) => path == ConfigurationFile.StandardInput ? ConfigurationFile.StandardInputName : path;

    /// <summary>Prints a problem on standard error: one line, which a terminal gets folded.</summary>
    public static void Print(ConfigurationError problem) => TerminalLine.Complain(problem.ToString());
}
