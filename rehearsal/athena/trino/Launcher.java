import io.trino.plugin.hive.InternalHiveConnectorFactory;
import io.trino.plugin.iceberg.IcebergPlugin;
import io.trino.spi.Plugin;
import io.trino.spi.connector.Connector;
import io.trino.spi.connector.ConnectorContext;
import io.trino.spi.connector.ConnectorFactory;
import io.trino.testing.DistributedQueryRunner;
import io.trino.testing.TestingSession;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/** Trino in this process: tells its address in one line, and ends when its standard input does.
 *
 *  Arguments: a folder for its own files, then the property file of each catalog, which is called like the file.
 */
public class Launcher
{
    public static void main(String[] arguments) throws Exception
    {
        DistributedQueryRunner trino = DistributedQueryRunner
                .builder(TestingSession.testSessionBuilder().build())
                .setNodeCount(1)
                .setBaseDataDir(Optional.of(Path.of(arguments[0])))
                .build();
        trino.installPlugin(new Hive());
        trino.installPlugin(new IcebergPlugin());
        for (String file : List.of(arguments).subList(1, arguments.length)) {
            Map<String, String> properties = properties(file);
            String name = Path.of(file).getFileName().toString().replace(".properties", "");
            trino.createCatalog(name, properties.remove("connector.name"), properties);
        }
        try (PrintStream said = new PrintStream(new FileOutputStream(FileDescriptor.out))) { // System.out is a log now
            said.println(trino.getCoordinator().getBaseUrl());
        }
        while (System.in.read() >= 0) {
        }
        Runtime.getRuntime().halt(0);
    }

    private static Map<String, String> properties(String file) throws Exception
    {
        Properties read = new Properties();
        try (FileReader reader = new FileReader(file)) {
            read.load(reader);
        }
        return read.stringPropertyNames().stream().collect(Collectors.toMap(name -> name, read::getProperty));
    }

    /** The real connector; its own factory wants to load it from a folder of a Trino that is installed. */
    private static class Hive
            implements Plugin, ConnectorFactory
    {
        @Override
        public Iterable<ConnectorFactory> getConnectorFactories()
        {
            return List.of(this);
        }

        @Override
        public String getName()
        {
            return "hive";
        }

        @Override
        public Connector create(String name, Map<String, String> properties, ConnectorContext context)
        {
            return InternalHiveConnectorFactory.createConnector(name, properties, context, binder -> {});
        }
    }
}
