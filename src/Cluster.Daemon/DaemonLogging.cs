using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace Cluster.Daemon;

internal static class DaemonLogging
{
    private const string Template = "{Timestamp:yyyy-MM-dd'T'HH:mm:ss.fffzzz} {Level:u3} {SourceContext}: {Message:lj}{NewLine}{Exception}";
    private const long MaxFileBytes = 64L << 20;

    public static ILoggerFactory Create(DaemonOptions options)
    {
        LoggerConfiguration configuration = new LoggerConfiguration().MinimumLevel.Is(options.LogLevel);
        configuration = options.LogFile is null
            ? configuration.WriteTo.Console(outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, standardErrorFromLevel: Serilog.Events.LogEventLevel.Verbose)
            : configuration.WriteTo.File(options.LogFile, outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, rollOnFileSizeLimit: true, fileSizeLimitBytes: MaxFileBytes, retainedFileCountLimit: 4);
        return new SerilogLoggerFactory(configuration.CreateLogger(), dispose: true);
    }
}
