using System.CommandLine;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The option <c>--config FILE</c>, and the messages about a file. Used by the main thread.</summary>
internal static class ConfigurationFileOption
{
    public const string Name = "--config";

    public static Option<string> Build()
    {
        Option<string> option = new(Name, "-c")
        {
            Description = "The configuration: JSON with comments and trailing commas. See `fasttcpproxy schema`.",
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
        byte[]? read = ConfigurationFile.TryRead(path, out ConfigurationError? error);
        text = read ?? [];
        ConfigurationResult result = read is null
            ? new ConfigurationResult { Errors = [error!], Warnings = [] }
            : ConfigurationLoader.Parse(read, path);
        foreach (ConfigurationError problem in result.Errors.Concat(result.Warnings))
            Console.Error.WriteLine(OneLine.Escape(problem.ToString()));
        return result.Configuration;
    }
}
