using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Cluster.UnitTests.Manager;

/// <summary>Another gRPC implementation, with stubs from the files in proto/ alone, is a full client of a manager.</summary>
public sealed class GrpcioControlTests
{
    [Fact]
    public async Task Calls_every_control_method_a_watch_and_errors_over_mutual_tls()
    {
        await using RunningManager manager = await RunningManager.StartAsync();
        string directory = Directory.CreateTempSubdirectory("cluster-grpcio-").FullName;
        try
        {
            string certificate = Path.Combine(directory, "node.crt"), key = Path.Combine(directory, "node.key"), root = Path.Combine(directory, "root.crt");
            using ECDsa? managerKey = manager.ManagerCertificate.GetECDsaPrivateKey();
            await File.WriteAllTextAsync(certificate, manager.ManagerCertificate.ExportCertificatePem());
            await File.WriteAllTextAsync(key, managerKey!.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(root, manager.Root.ExportCertificatePem());
            string descriptors = Path.Combine(directory, "descriptors");
            string proto = FindProto();
            string[] files = [.. Directory.GetFiles(Path.Combine(proto, "cluster", "v1"), "*.proto").Order(StringComparer.Ordinal)];
            await RunAsync("protoc", "Debian's protobuf-compiler", ["-I", proto, "--include_imports", "--descriptor_set_out=" + descriptors, .. files]);

            string output = await RunAsync(
                "/usr/bin/python3",
                "Debian's python3-grpcio and python3-protobuf",
                [Path.Combine(AppContext.BaseDirectory, "Manager", "control_client.py"), manager.Address.ToString(), certificate, key, root, descriptors]);

            Assert.Contains("ok ", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string program, string package, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process? process = StartOrExplain(start, package);
        Task<string> output = process!.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} (from {package}) ended with {process.ExitCode}:\n{errors}\n{await output}");
        return await output;
    }

    private static Process? StartOrExplain(ProcessStartInfo start, string package)
    {
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} could not be started; install {package} (deploy/test does)", e);
        }
    }

    private static string FindProto()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "proto", "cluster", "v1", "control.proto"))) return Path.Combine(directory, "proto");
        }

        throw new InvalidOperationException($"proto/ is in no directory above {AppContext.BaseDirectory}: run the tests from a clone");
    }
}
